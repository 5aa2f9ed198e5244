//! Where there is nothing to measure the program says why, in a sentence, with the exit code for that.

use chat_fixtures::launch::free_port;

use crate::{
    people::{answer, fake},
    program::{ends, starts},
};

/// Why it could not run: one line, which says these.
async fn cannot(args: &[&str], said: &[&str]) {
    let ended = ends(starts(&[&["--quiet", "run"], args].concat())).await;
    let told = ended.stderr.trim_end();
    assert_eq!(ended.code, Some(2), "{told}");
    let first = told.lines().next().unwrap_or_default();
    for words in said {
        assert!(first.contains(words), "{words:?} is not in: {told}");
    }
    let is_usage = first.starts_with("error: ");
    assert!(is_usage || told.lines().count() == 1, "{told}");
}

#[tokio::test]
async fn a_closed_port() {
    let url = format!("http://127.0.0.1:{}", free_port().unwrap());
    cannot(&[&url], &[&url, "refused"]).await;
}

#[tokio::test]
async fn a_site_that_is_no_chat_server() {
    let url = fake(|_| async { answer(200, "", "<h1>It works!</h1>") }).await;
    cannot(&[&url], &[&url, "answered with 200", "no chat server"]).await;
}

#[tokio::test]
async fn a_server_whose_registration_is_closed() {
    let url = fake(|request| async move {
        match request.line.as_str() {
            "GET /api/me/" => answer(403, "", "{}"),
            _ => answer(403, "", r#"{"detail": "registration is closed"}"#),
        }
    })
    .await;
    cannot(&[&url], &["cannot register", "403", "--accounts"]).await;
}

#[tokio::test]
async fn a_server_that_opens_no_room() {
    let url = fake(|request| async move {
        match request.line.as_str() {
            "GET /api/me/" => answer(403, "", "{}"),
            "POST /api/chats/" => answer(500, "", "no room today"),
            _ => answer(200, "Set-Cookie: sessionid=s\r\n", r#"{"id": 1}"#),
        }
    })
    .await;
    let said = ["POST /api/chats/ was answered with 500", "no room today"];
    cannot(&[&url, "--rooms", "1", "--members", "2"], &said).await;
}

/// Nobody is registered for a run that could not show what it was to show.
#[tokio::test]
async fn a_server_whose_costs_cannot_be_seen() {
    let url = fake(|request| async move {
        match request.line.as_str() {
            "GET /api/me/" => answer(403, "", "{}"),
            _ => answer(500, "", "somebody was registered"),
        }
    })
    .await;
    let metrics = format!("http://127.0.0.1:{}/metrics", free_port().unwrap());
    for (option, value, said) in [
        ("--server-metrics", metrics.as_str(), "refused"),
        // No process has the highest number there is.
        ("--server-pid", "4194304", "pid 4194304"),
    ] {
        let cost = "what the server costs cannot be seen";
        cannot(&[&url, option, value], &[cost, value, said]).await;
    }
}

#[tokio::test]
async fn a_scenario_or_a_plan_that_is_none() {
    cannot(
        &["http://127.0.0.1:1", "--scenario", "dance"],
        &["dance", "live"],
    )
    .await;
    cannot(
        &["http://127.0.0.1:1", "--plan", "5 rooms"],
        &["5 rooms", "ROOMS,DURATION"],
    )
    .await;
    let few = ["--members", "2", "--senders", "3"];
    cannot(
        &[&["http://127.0.0.1:1"], &few[..]].concat(),
        &["--senders 3"],
    )
    .await;
}

#[tokio::test]
async fn a_load_that_no_machine_has() {
    for (option, value, said) in [
        ("--duration", "99999999999h", "30days"),
        ("--patience", "99999999999h", "30days"),
        ("--timeout", "99999999999h", "30days"),
        ("--wait", "99999999999h", "30days"),
        ("--plan", "5,99999999999h;5,99999999999h", "30days"),
        ("--plan", "4000000000,1s", "1000000 rooms"),
        ("--rate", "1e9/s", "1000000/s"),
        ("--ramp", "1e-300/s", "1/h"),
        ("--connect-rate", "1e300", "1000000/s"),
        ("--rooms", "1000000000", "1000000"),
        ("--members", "1000000000", "1000000"),
        ("--people", "4000000000", "1000000"),
        ("--in-flight", "1000000000", "10000"),
        ("--payload", "10000000000", "1048576"),
        ("--threads", "1000000000", "1024"),
    ] {
        cannot(
            &["http://127.0.0.1:1", option, value],
            &[option, value, said],
        )
        .await;
    }
}
