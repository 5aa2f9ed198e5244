//! What a run tells, and where: reports, the line that repeats it, a script.

use chat_fixtures::launch::Program;
use serde_json::Value;
use tokio::process::Command;

use crate::{
    CHECK, asks, ends_with,
    servers::{answered, hanging_up, http, reference::reference_server},
};

#[tokio::test]
async fn colour_is_for_those_who_see_it() {
    let chat = http(hanging_up).await;
    let args = [&chat, "--only", CHECK];
    for (colour, expected) in [("always", true), ("auto", false), ("never", false)] {
        let ended = ends_with(1, "", &[&args[..], &["--color", colour]].concat()).await;
        assert_eq!(ended.stdout.contains("\x1b["), expected, "{colour}");
    }
}

#[tokio::test]
async fn a_failure_says_how_to_repeat_it_and_keeps_secrets() {
    let chat = http(hanging_up).await;
    let url = format!("{chat}/");
    let args = [
        &url,
        "-H",
        "X-Gate: open sesame",
        "--seed",
        "7",
        "--jobs",
        "2",
    ];
    let result = asks(1, &args).await;
    assert_eq!(
        result["again"],
        format!("chat-conformance {chat} --header 'x-gate: …' --only {CHECK} --seed 7")
    );
    assert!(!result.to_string().contains("sesame"));

    // A server that tells everybody what it was sent, the second word of it alone.
    let telling = http(|request| {
        let gate = request
            .lines()
            .find_map(|line| line.strip_prefix("x-gate: Bearer "));
        match request.starts_with("POST /api/chats/") {
            true => answered(500, "text/plain", gate.unwrap_or("nothing")),
            false => hanging_up(request),
        }
    });
    let telling = telling.await;
    let result = asks(3, &[&telling, "-H", "X-Gate: Bearer sesame"]).await;
    let told = result.to_string();
    assert!(
        told.contains("<secret") && !told.contains("sesame"),
        "{told}"
    );

    let proxy = chat.replace("://", "://me:sesame@");
    let result = asks(1, &[&chat, "--proxy", &proxy]).await;
    let again = result["again"].as_str().unwrap();
    assert!(again.contains(&chat.replace("://", "://…@")), "{again}");
    assert!(!result.to_string().contains("sesame"));
}

#[tokio::test]
async fn reports_go_where_they_are_sent_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    std::fs::write(&path, "the last one").unwrap();
    let chat = http(hanging_up).await;
    let report = format!("json={}", path.display());
    let ended = ends_with(1, "", &[&chat, "--only", CHECK, "--report", &report]).await;
    assert!(ended.stdout.contains(CHECK), "{}", ended.stdout);
    let report: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(report["exit_code"], 1);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);

    let quiet = ends_with(1, "", &[&chat, "--only", CHECK, "--quiet"]).await;
    assert_eq!((quiet.stdout, quiet.stderr), (String::new(), String::new()));
}

/// Its answer to a change is right, and the chat keeps its name.
#[tokio::test]
async fn the_script_of_a_failure_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(&folder).await;
    let broken = Program::new(env!("CARGO_BIN_EXE_chat-conformance"))
        .args(["chaos", "rename_is_forgotten", "--to", server.url()])
        .args(["--listen", "127.0.0.1:{port}"])
        .start()
        .await
        .unwrap();
    let args = [
        broken.url(),
        "--header",
        "X-Gate: s3s4m",
        "--only",
        "CHAT-6/any_participant_renames",
        "--report",
        "json",
    ];
    let report: Value = serde_json::from_str(&ends_with(1, "", &args).await.stdout).unwrap();
    let script = report["results"][0]["reproduction"].as_str().unwrap();
    assert!(!script.contains("s3s4m"), "{script}");

    let folder = tempfile::tempdir().unwrap();
    let by_hand = Command::new("sh")
        .args(["-c", script])
        .env("TMPDIR", folder.path())
        .env("HEADER_1", "s3s4m")
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&by_hand.stdout);
    let (changed, looked_at) = told.trim().rsplit_once("HTTP/1.1 200 OK").unwrap();
    assert!(changed.contains("-by put\""), "{script}{told}");
    assert!(looked_at.contains("-chat\""), "{script}{told}");
    assert!(!looked_at.contains("-by put\""), "{script}{told}");
}
