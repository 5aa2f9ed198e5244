//! Whom a run asks, and what it plays there.

use std::path::PathBuf;

use chat_fixtures::launch::free_port;
use serde_json::Value;

use crate::{
    Ended, asks, ends_with,
    servers::{
        answered, hanging_up, http,
        reference::{reference_binary, reference_server},
    },
};

#[tokio::test]
async fn a_plan_is_the_only_check_of_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let plan = |steps: &str| {
        let path = folder.path().join("plan.json");
        let text = format!(r#"{{"check": "HIST-2/kept", "seed": 7, "steps": [{steps}]}}"#);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let says = r#"
        {"who": "alice", "does": "create", "chat": 1, "name": "tea", "with": ["bob"]},
        {"who": "bob", "does": "connect", "chat": 1, "connection": 2},
        {"who": "bob", "does": "say", "connection": 2, "content": "hello"},
        {"who": "alice", "does": "history", "chat": 1}"#;
    let told = |ended: &Ended| -> Value { serde_json::from_str(&ended.stdout).unwrap() };

    let server = reference_server(&folder).await;
    let file = plan(says);
    let args = [server.url(), "--plan", &file, "--report", "json"];
    let passed = told(&ends_with(0, "", &args).await);
    assert_eq!(passed["results"].as_array().unwrap().len(), 1);
    assert_eq!(passed["results"][0]["outcome"], "pass");

    let chat = http(hanging_up).await;
    let args = [&chat, "--plan", &file, "--seed", "1", "--report", "json"];
    let differs = told(&ends_with(1, "", &args).await);
    let result = &differs["results"][0];
    assert_eq!(result["outcome"], "violation");
    assert!(result.to_string().contains("of the story"), "{result}");
    assert_eq!(
        result["again"],
        format!("chat-conformance {chat} --plan {file} --seed 1")
    );

    for (said, steps) in [
        ("there are no steps", ""),
        ("it is no plan", "{}"),
        (
            "step 2 makes no sense where it is: bob reads the history of chat 9",
            r#"{"who": "bob", "does": "me"}, {"who": "bob", "does": "history", "chat": 9}"#,
        ),
    ] {
        ends_with(2, said, &[&chat, "--plan", &plan(steps)]).await;
    }
}

#[tokio::test]
async fn a_path_before_the_api_is_kept() {
    let chat = http(|request| match request.split_once("/chat-app") {
        Some((method, rest)) => hanging_up(&format!("{method}{rest}")),
        None => answered(404, "text/html", ""),
    });
    let url = chat.await;
    ends_with(2, "not at this path", &[&url]).await;
    asks(1, &[&format!("{url}/chat-app/")]).await;
}

#[tokio::test]
async fn a_launched_server_is_asked_and_gone_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let line = format!(
        "sh -c 'echo $$ >> {}; exec {} -p {{port}} --redis {{redis}} --database {{database}} \
         --password-iterations 1000'",
        pids.display(),
        reference_binary().display()
    );
    let result = asks(0, &["--launch", &line, "--processes", "2"]).await;
    assert_eq!(result["outcome"], "pass");
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 2);
    for pid in pids.lines() {
        assert!(!PathBuf::from(format!("/proc/{pid}")).exists(), "{pid}");
    }
}

#[tokio::test]
async fn who_is_no_chat_server_has_no_promises_to_break() {
    let port = free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    ends_with(2, "nothing listens there", &["faults", &nobody]).await;
    ends_with(2, "perhaps http://localhost", &["faults", "localhost"]).await;
    ends_with(2, "--launch", &["faults"]).await;
    let unclosed = ["faults", "--launch", "server -p {port} --name 'chat"];
    ends_with(2, "a quote is not closed", &unclosed).await;
}
