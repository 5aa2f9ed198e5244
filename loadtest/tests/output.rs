//! What the program writes and where, as people start it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    io::pipe,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use chat_loadtest::{
    measurement::{Device, Load, Measurement, Pace},
    report::{Report, json},
    tally::Tally,
    verdict::judge,
};

/// The record of a run that sent so much, in that folder.
fn record(folder: &Path, name: &str, sent: u64) -> PathBuf {
    let mut tally = Tally::of(1);
    tally.counts.sent = sent;
    tally.processes[0].sent = sent;
    let measurement = Measurement {
        load: Load {
            scenario: "live".to_owned(),
            rooms: 1,
            members: 2,
            senders: 2,
            payload: 64,
            pace: Pace::Fixed { per_second: 1.0 },
            seed: 1,
            processes: 1,
            label: None,
        },
        targets: vec!["http://a".to_owned()],
        began: "2026-01-01T00:00:00Z".to_owned(),
        measured_s: 60.0,
        tally,
        seconds: Vec::new(),
        device: Device::default(),
        servers: Vec::new(),
        workers: Vec::new(),
        remarks: Vec::new(),
    };
    let verdict = judge(&measurement, &[]);
    let path = folder.join(name);
    let text = json::render(&Report::of(measurement, verdict, String::new()));
    std::fs::write(&path, text).unwrap();
    path
}

fn program(args: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chat-loadtest"));
    program.args(args);
    program
}

fn ends_with_2(args: &[&str]) -> String {
    let Output { status, stderr, .. } = program(args).output().unwrap();
    assert_eq!(status.code(), Some(2), "{args:?}");
    String::from_utf8(stderr).unwrap()
}

/// As `… | head` does.
#[test]
fn who_reads_no_further_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [("a.json", 60), ("b.json", 61)]
        .map(|(name, sent)| record(folder.path(), name, sent).display().to_string());
    for (code, args) in [
        (0, &["merge", &a, &b][..]),
        (0, &["merge", &a, &b, "--report", "json"]),
        (2, &["merge", &a, &a]),
    ] {
        let (nobody, stdout) = pipe().unwrap();
        drop(nobody);
        let stderr = stdout.try_clone().unwrap();
        let ended = program(args)
            .stdout(stdout)
            .stderr(stderr)
            .status()
            .unwrap();
        assert_eq!(ended.code(), Some(code), "{args:?}");
    }
}

/// Before anything is asked of anybody: nobody listens there.
#[test]
fn no_report_takes_the_place_of_the_people() {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.json");
    let other = folder.path().join("other.json");
    std::fs::write(&people, "{}").unwrap();
    std::os::unix::fs::symlink(&people, &other).unwrap();
    let (at, people_told) = ("http://127.0.0.1:1", people.display().to_string());
    let dotted = format!("{}/./people.json", folder.path().display());
    for command in [
        &["run", at][..],
        &["capacity", at, "--slo", "lost == 0"],
        &["worker", at, "--locust", "127.0.0.1:1"],
    ] {
        for report in [&people_told, &dotted, &other.display().to_string()] {
            let report = format!("json={report}");
            let more = ["--accounts", &people_told, "--report", &report];
            let said = ends_with_2(&[command, &more].concat());
            let told = format!("would take the place of the people in --accounts {people_told}");
            assert!(said.contains(&told), "{said}");
        }
        let json = format!("json={people_told}");
        let more = [
            "--accounts",
            &other.display().to_string(),
            "--report",
            &json,
        ];
        assert!(ends_with_2(&[command, &more].concat()).contains("would take the place"));
    }
    assert_eq!(std::fs::read_to_string(&people).unwrap(), "{}");
    // Where there is no file yet, too.
    let new = folder.path().join("new.json").display().to_string();
    let same = format!("html={}/./new.json", folder.path().display());
    let said = ends_with_2(&["run", at, "--accounts", &new, "--report", &same]);
    assert!(said.contains("would take the place"), "{said}");
}

#[test]
fn a_file_takes_one_report() {
    let folder = tempfile::tempdir().unwrap();
    let a = record(folder.path(), "a.json", 60).display().to_string();
    let html = format!("html={}/out", folder.path().display());
    let json = format!("json={}/./out", folder.path().display());
    let said = ends_with_2(&["merge", &a, &a, "--report", &html, "--report", &json]);
    let told = format!("two reports to {}/./out", folder.path().display());
    assert!(said.contains(&told), "{said}");
    assert!(!folder.path().join("out").exists());
}
