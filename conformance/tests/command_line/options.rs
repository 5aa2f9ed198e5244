//! What the command line says and takes.

use chat_fixtures::contract::clauses;
use serde_json::Value;

use crate::{CHECK, ends_with, suite};

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
    for clause in clauses() {
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
            "cannot write a report to /no/such/place: No such file or directory (os error 2)\n",
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

/// A list whose row lacks something: the file, the line, the row and what it lacks.
#[tokio::test]
async fn a_row_of_a_list_needs_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml").display().to_string();
    std::fs::write(&path, "[[deviation]]\ncheck = 'WS-3'\nshows = 'always'\n").unwrap();
    let said = format!("the deviations {path}: line 1: \"WS-3\" needs a reason: why the");
    ends_with(2, &said, &["http://127.0.0.1:1", "--deviations", &path]).await;
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
