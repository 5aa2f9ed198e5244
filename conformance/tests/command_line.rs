//! The program as a user has it: options, exit codes, reports, Ctrl-C.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod servers;

use std::{path::PathBuf, process::Stdio, time::Duration};

use chat_fixtures::{
    client::Client,
    launch::{Program, Server},
    people::{People, Person},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use servers::{HANGS, answered, hanging_up, http, mortal, refused};
use tempfile::TempDir;
use tokio::{process::Command, time::sleep};

/// A check that every server of these tests can be asked about.
const CHECK: &str = "WS-3/reaches_every_participant";

/// How a run ended.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

fn suite(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-conformance"));
    command.args(args).stdin(Stdio::null());
    command
}

async fn ends(args: &[&str]) -> Ended {
    let output = suite(args).output().await.unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The run ends so, and the sentence is on stderr.
async fn ends_with(code: i32, said: &str, args: &[&str]) -> Ended {
    let ended = ends(args).await;
    assert_eq!(
        ended.code, code,
        "{args:?}: {}{}",
        ended.stdout, ended.stderr
    );
    assert!(ended.stderr.contains(said), "{args:?}: {}", ended.stderr);
    ended
}

/// The one result of a run of [`CHECK`] alone.
async fn asks(code: i32, args: &[&str]) -> Value {
    let alone = ["--only", CHECK, "--report", "json"];
    let ended = ends_with(code, "", &[args, &alone].concat()).await;
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    report["results"][0].clone()
}

/// The reference server, which `cargo test` for the whole workspace has built beside this test.
async fn reference_server(folder: &TempDir) -> Server {
    let database = folder.path().join("chat.sqlite3").display().to_string();
    Program::new(reference_binary())
        .args(["-p", "{port}", "--database", &database])
        .args(["--password-iterations", "1000"])
        .start()
        .await
        .unwrap()
}

fn reference_binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("chat-reference-server");
    assert!(
        binary.exists(),
        "{} is missing: cargo build -p chat-reference-server",
        binary.display()
    );
    binary
}

#[tokio::test]
async fn help_tells_the_options_and_the_exit_codes() {
    let help = ends_with(0, "", &["--help"]).await.stdout;
    for word in ["--launch", "--level", "{redis}", "--accounts", "Exit codes"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let short = ends_with(0, "", &["-h"]).await.stdout;
    assert!(short.len() < help.len());
    assert!(short.contains("3 incomplete"), "{short}");
}

#[tokio::test]
async fn the_list_names_every_clause() {
    let text = ends_with(0, "", &["--list"]).await.stdout;
    let programs = ends_with(0, "", &["--list", "--report", "json"]).await;
    let rows: Vec<Value> = serde_json::from_str(&programs.stdout).unwrap();
    for clause in chat_fixtures::contract::clauses() {
        assert!(text.contains(&format!("{} ", clause.id)), "{}", clause.id);
        assert!(rows.iter().any(|row| row["clause"] == *clause.id));
    }
    assert!(text.contains(CHECK), "{text}");

    let some = ends_with(0, "", &["--list", "--only", "WS-3/*"])
        .await
        .stdout;
    assert!(
        some.starts_with("WS-3 ") && !some.contains("WS-4"),
        "{some}"
    );
}

#[tokio::test]
async fn what_cannot_be_meant_is_exit_2_and_a_sentence() {
    const URL: &str = "http://127.0.0.1:1";
    for (said, args) in [
        ("<URL>", &[][..]),
        ("perhaps http://localhost", &["localhost"]),
        ("not ftp://", &["ftp://host"]),
        ("the http:// URL", &["ws://host"]),
        ("Authorization", &["http://me:secret@host"]),
        ("neither ? nor #", &["http://host/?a"]),
        ("required, parity and hardened", &[URL, "--level", "best"]),
        ("no such form of report", &[URL, "--report", "yaml"]),
        ("no path after", &[URL, "--report", "json="]),
        (
            "one report only",
            &[URL, "--report", "json", "--report", "tap"],
        ),
        (
            "cannot write a report",
            &[URL, "--report", "json=/no/such/place"],
        ),
        ("cannot write a report", &[URL, "--report", "html=/"]),
        ("perhaps WS-3", &[URL, "--only", "WS_3"]),
        ("--skip", &[URL, "--skip", "nothing*"]),
        ("--require", &[URL, "--require", "WS-99"]),
        ("neither built in", &[URL, "--deviations", "nobody"]),
        (
            "cannot read the accounts",
            &[URL, "--accounts", "/no/such/file"],
        ),
        (
            "cannot read the certificates",
            &[URL, "--cacert", "/no/such/file"],
        ),
        ("a quote is not closed", &["--launch", "server 'a"]),
        ("the suite has its own", &[URL, "-H", "Cookie: a=b"]),
        ("Name: value", &[URL, "-H", "nothing"]),
        ("1 or more", &[URL, "--jobs", "0"]),
        ("1 or more", &[URL, "--cases", "0"]),
        ("1 or more", &[URL, "--rate", "0"]),
        ("no URL: invalid port", &["http://127.0.0.1:99999"]),
        ("given twice", &[URL, "http://127.0.0.1:1/"]),
        (
            "for one URL",
            &[URL, "http://127.0.0.1:2", "--behind-balancer", "2"],
        ),
        (
            "--require PROC-1 is left out by --only",
            &[URL, "--require", "PROC-1", "--only", "WS-3"],
        ),
        (
            "--require WS-3 is left out by --skip",
            &[URL, "--require", "WS-3", "--skip", "WS-*"],
        ),
        (
            "two reports to /tmp/./out",
            &[
                URL,
                "--report",
                "json=/tmp/out",
                "--report",
                "tap=/tmp/./out",
            ],
        ),
        (
            "the proxy http://127.0.0.1:1 does not answer",
            &["http://127.0.0.1:2", "--proxy", URL],
        ),
        ("wrote nothing to stderr", &["--launch", "true"]),
        (
            "not ready within 10ms",
            &["--launch", "sleep 60", "--wait", "10ms"],
        ),
        ("No such file", &[URL, "--plan", "/no/such/plan"]),
        ("no folder to keep", &[URL, "--plans", "/dev/null/x"]),
        ("perhaps /page", &[URL, "--test-page", "page"]),
        ("--launch", &[URL, "--processes", "2"]),
    ] {
        ends_with(2, said, args).await;
    }
}

#[tokio::test]
async fn what_is_refused_is_told_without_secrets() {
    for args in [
        &["http://me:sesame@host"][..],
        &["http://host", "-H", "sesame"],
        &["http://host", "--proxy", "socks5://me:sesame@host"],
        &["http://127.0.0.1:1", "--proxy", "http://me:sesame@[::1"],
        &[
            "http://127.0.0.1:1",
            "--proxy",
            "http://me:sesame@127.0.0.1:1",
        ],
    ] {
        let ended = ends_with(2, "", args).await;
        assert!(!ended.stderr.contains("sesame"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_redis_that_is_not_installed_is_told_in_a_sentence() {
    let output = suite(&["--launch", "server {redis}"])
        .env("PATH", "/no/such/folder")
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot start redis-server"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// As `… | head` does.
#[tokio::test]
async fn who_reads_no_further_is_no_error() {
    let chat = http(hanging_up).await;
    for (code, args) in [
        (0, &["--list"][..]),
        (0, &["--list", "--report", "json"]),
        (1, &[&chat, "--only", CHECK]),
        (2, &["http://127.0.0.1:1"]),
    ] {
        let mut run = suite(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop((run.stdout.take(), run.stderr.take()));
        assert_eq!(run.wait().await.unwrap().code(), Some(code), "{args:?}");
    }
}

#[tokio::test]
async fn a_server_that_dies_is_told_and_not_blamed() {
    let dying = || {
        mortal(hanging_up, |request| {
            request.starts_with("POST /api/chats/")
        })
    };
    let url = dying().await;
    let gone = format!("{url} stopped answering");
    let args = [&url, "--only", CHECK, "--only", "CHAT-1/*", "--jobs", "1"];
    let ended = ends_with(3, "", &[&args[..], &["--report", "json"]].concat()).await;
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let headline = report["headlines"][0].as_str().unwrap();
    assert!(headline.starts_with(&gone), "{headline}");
    assert!(report["conclusion"].as_str().unwrap().starts_with(&gone));
    assert!(report["cut_short"].as_str().unwrap().starts_with(&gone));
    let results = report["results"].as_array().unwrap();
    assert!(results.len() > 2);
    let suspects = report["headlines"][1].as_str().unwrap();
    for result in results {
        assert_eq!(result["outcome"], "untestable");
        let reason = result["reason"].as_str().unwrap();
        assert!(reason.starts_with("the server was gone"), "{reason}");
        let named = suspects.contains(result["check"].as_str().unwrap());
        assert_eq!(reason.ends_with("when it went"), named, "{reason}");
    }

    let url = dying().await;
    let ended = ends_with(3, "", &[&url, "--only", CHECK]).await;
    let gone = format!("{url} stopped answering");
    let told = ended.stdout.matches(&gone).count();
    assert_eq!(told, 2, "{}", ended.stdout);
}

#[tokio::test]
async fn handshakes_that_are_never_answered_are_told_first() {
    let hangs = http(|request| match request.contains("websocket") {
        true if request.contains("sessionid=") => HANGS.to_owned(),
        _ => hanging_up(request),
    });
    let url = hangs.await;
    let args = [&url, "--only", "WS-3", "--timeout", "300ms"];
    let ended = ends(&[&args[..], &["--report", "json"]].concat()).await;
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        report["headlines"],
        json!(["no WebSocket handshake of a participant was answered within 300ms"])
    );
}

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
async fn colour_is_for_those_who_see_it() {
    let chat = http(hanging_up).await;
    let args = [&chat, "--only", CHECK];
    for (colour, expected) in [("always", true), ("auto", false), ("never", false)] {
        let ended = ends_with(1, "", &[&args[..], &["--color", colour]].concat()).await;
        assert_eq!(ended.stdout.contains("\x1b["), expected, "{colour}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_start_is_told_with_its_last_words() {
    let broken = "sh -c 'echo the port is mine >&2; exit 7'";
    ends_with(2, "the port is mine", &["--launch", broken]).await;
    ends_with(2, "no-such-program", &["--launch", "no-such-program"]).await;
}

#[tokio::test]
async fn the_exit_code_says_what_was_found() {
    let chat = http(hanging_up).await;
    let result = asks(1, &[&chat]).await;
    assert_eq!(result["outcome"], "violation");
    assert_eq!(result["fails"], true);
    assert!(result["transcript"].as_array().unwrap().len() > 2);

    let closed = http(|_| refused()).await;
    assert_eq!(asks(3, &[&closed]).await["outcome"], "untestable");
    let site = http(|_| answered(404, "text/html", "")).await;
    ends_with(2, "is no chat server", &[&site]).await;

    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(&folder).await;
    assert_eq!(asks(0, &[server.url()]).await["outcome"], "pass");
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
async fn what_is_known_does_not_fail_and_a_stale_list_does() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("known.toml");
    let row = format!(
        "[[deviation]]\ncheck = \"{CHECK}\"\nshows = \"always\"\nreason = \"it hangs up\"\n\
         evidence = \"seen\"\nreview = 9999-12-31\n"
    );
    std::fs::write(&list, row).unwrap();
    let list = list.to_str().unwrap();

    let chat = http(hanging_up).await;
    let known = asks(0, &[&chat, "--deviations", list]).await;
    assert_eq!(known["outcome"], "deviation");
    let server = reference_server(&folder).await;
    let stale = asks(1, &[server.url(), "--deviations", list]).await;
    assert_eq!(stale["outcome"], "pass");
    assert!(stale["reason"].as_str().unwrap().contains("stale"));
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

/// Two people who were there before, and the file that tells the suite of them.
async fn accounts(server: &Server, folder: &TempDir) -> (Person, String) {
    let people = People::new(&[server.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let carol = people.person("carol").await.unwrap();
    let file = folder.path().join("accounts");
    let lines =
        [&alice, &bob, &carol].map(|person| format!("{}:{}\n", person.username, person.password));
    std::fs::write(&file, lines.concat()).unwrap();
    (alice, file.display().to_string())
}

async fn chats_of(client: &Client) -> Vec<Value> {
    match client.get("/api/chats/").await.unwrap().json().unwrap() {
        Value::Array(chats) => chats,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn given_accounts_play_and_keep_what_is_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(&folder).await;
    let (alice, file) = accounts(&server, &folder).await;
    let own = json!({"name": "hers", "participant_ids": []});
    alice.client.post("/api/chats/", &own).await.unwrap();

    let result = asks(0, &[server.url(), "--accounts", &file]).await;
    assert_eq!(result["outcome"], "pass");
    let chats = chats_of(&alice.client).await;
    assert_eq!(chats.len(), 1, "{chats:?}");
    assert_eq!(chats[0]["name"], "hers");

    std::fs::write(&file, "# nobody\nnobody:nothing\n").unwrap();
    let said = format!("account nobody (line 2 of {file}): cannot log in: 401");
    ends_with(2, &said, &[server.url(), "--accounts", &file]).await;
}

#[tokio::test]
async fn interrupted_it_removes_its_chats_and_reports_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(&folder).await;
    let (alice, file) = accounts(&server, &folder).await;
    // Slow enough that it is interrupted in the midst of the check.
    let args = ["--accounts", &file, "--rate", "2", "--only", CHECK];
    let mut run = suite(&[&[server.url()][..], &args, &["--report", "json"]].concat())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    while chats_of(&alice.client).await.is_empty() {
        let early = run.try_wait().unwrap();
        assert!(early.is_none(), "it ended before it made a chat: {early:?}");
        sleep(Duration::from_millis(10)).await;
    }
    let pid = Pid::from_raw(run.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();

    let output = run.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["exit_code"], 3);
    assert_eq!(report["results"][0]["outcome"], "untestable");
    assert_eq!(report["results"][0]["reason"], "interrupted");
    assert!(chats_of(&alice.client).await.is_empty());
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

    let by_hand = Command::new("sh")
        .args(["-c", script])
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
