//! The script of a difference shows it by hand.

use chat_fixtures::launch::{Program, Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{compares, servers::reference::reference_server};

/// Two servers of a kind, and one that breaks a promise in front of the second.
struct Planted {
    original: Server,
    candidate: Server,
    _behind: Server,
    _folders: [TempDir; 2],
}

async fn planted(fault: &str) -> Planted {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let behind = reference_server(&folders[1]).await;
    Planted {
        original: reference_server(&folders[0]).await,
        candidate: Program::new(env!("CARGO_BIN_EXE_chat-conformance"))
            .args(["chaos", fault, "--to", behind.url()])
            .args(["--listen", "127.0.0.1:{port}"])
            .start()
            .await
            .unwrap(),
        _behind: behind,
        _folders: folders,
    }
}

/// What each of them answers last when the script of that difference is run.
async fn by_hand(fault: &str, question: &str, difference: &str) -> [String; 2] {
    let planted = planted(fault).await;
    let line = [
        planted.original.url(),
        planted.candidate.url(),
        "--header",
        "X-Gate: s3s4m",
        "--only",
        question,
        "--seed",
        "1",
        "--report",
        "json",
    ];
    let output = compares(&line).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let differences = report["differences"].as_array().unwrap();
    let found = differences.iter().find(|one| one["id"] == difference);
    let found = found.unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(found["is_whole"], true, "{found:#}");
    let script = found["reproduction"].as_str().unwrap();
    assert!(!script.contains("s3s4m"), "{script}");

    let folder = tempfile::tempdir().unwrap();
    let played = Command::new("bash")
        .args(["-c", script])
        .env("TMPDIR", folder.path())
        .env("HEADER_1", "s3s4m")
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&played.stdout).into_owned();
    let error = String::from_utf8_lossy(&played.stderr).into_owned();
    assert!(
        error.is_empty() && !told.contains("!!"),
        "{script}{told}{error}"
    );
    let (original, candidate) = told.split_once("== the candidate").unwrap();
    [original, candidate].map(|told| {
        let last = told.rsplit_once("HTTP/1.1 ");
        let (_, last) = last.unwrap_or_else(|| panic!("{script}{told}"));
        last.to_owned()
    })
}

/// A drawn question, for which the script registers people and makes a chat.
#[tokio::test]
async fn what_was_drawn_is_shown_by_hand() {
    let [original, candidate] = by_hand(
        "send_answers_200",
        "generated/SEND-6/any_content_by_rest",
        "POST /api/chats/{id}/send_message/: status otherwise",
    )
    .await;
    assert!(original.starts_with("201 "), "{original}");
    assert!(candidate.starts_with("200 "), "{candidate}");
}

/// A recorded one, whose people register in the story itself.
#[tokio::test]
async fn what_was_recorded_is_shown_by_hand() {
    let [original, candidate] = by_hand(
        "login_refusal_is_misspelt",
        "recorded/login wrong password",
        "POST /api/login/: body/error otherwise",
    )
    .await;
    assert!(original.contains("Invalid credentials\""), "{original}");
    assert!(candidate.contains("Invalid credential\""), "{candidate}");
}
