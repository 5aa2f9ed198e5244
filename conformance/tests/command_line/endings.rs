//! How a run ends: with a verdict, without a server, by Ctrl-C.

use std::{process::Stdio, time::Duration};

use chat_fixtures::launch::free_port;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    time::sleep,
};

use crate::{
    CHECK,
    accounts::{accounts, chats_of},
    asks, ends, ends_with,
    servers::{
        HANGS, answered, hanging_up, http, mortal,
        reference::{reference_binary, reference_server},
        refused,
    },
    suite,
};

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

#[tokio::test]
async fn interrupted_the_matrix_ends_what_it_has_launched() {
    let admin = format!("127.0.0.1:{}", free_port().unwrap());
    let server = reference_binary().display().to_string();
    let launch = format!(
        "{server} -p {{port}} --database {{database}} --password-iterations 1000 --admin {admin}"
    );
    let faults = ["--only", "login_*", "--jobs", "1", "--cases", "1"];
    let mut run = suite(
        &[
            &["faults", "--launch", &launch, "--processes", "1"],
            &faults[..],
        ]
        .concat(),
    )
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut rows = BufReader::new(run.stdout.take().unwrap()).lines();
    let first = rows.next_line().await.unwrap().unwrap();
    assert!(first.starts_with("caught"), "{first}");
    let pid = Pid::from_raw(run.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();

    let mut last = Vec::new();
    while let Some(row) = rows.next_line().await.unwrap() {
        last.push(row);
    }
    assert_eq!(run.wait().await.unwrap().code(), Some(3), "{last:#?}");
    let told = last.iter().any(|row| row.starts_with("interrupted: "));
    assert!(told, "{last:#?}");
    // Who has ended answers nobody.
    TcpStream::connect(admin).await.unwrap_err();
}
