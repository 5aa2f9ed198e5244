//! What is made of records, as people start it: compared, merged, put on a curve, or refused in a sentence.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    io::pipe,
    path::PathBuf,
    process::{Command, Output},
};

use chat_loadtest::{
    capacity::{Answer, Broke, Confirmed, Finding},
    measurement::{Device, Load, Measurement, Pace},
    metric::Metric,
    report::{
        FindingReport, Report,
        finding::{self, About},
        json,
    },
    tally::Tally,
    threshold::Threshold,
    verdict::judge,
};
use tempfile::TempDir;

#[test]
fn a_run_is_compared_once_in_however_many_files() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 0, &[])];
    let copy = desk.path("copy");
    std::fs::copy(&a, &copy).unwrap();
    let copy = copy.display().to_string();
    for twin in [&a, &copy] {
        let said = refused(&["compare", "--before", &a, twin, "--after", &b, &b]);
        let told = "run 1 of those before and run 2 of those before are the same run";
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn what_was_lost_is_worse_in_runs_of_a_second() {
    let desk = Desk::new();
    let [a, b, c] = [("a", 1, 0), ("b", 2, 300), ("c", 3, 0)]
        .map(|(name, began, lost)| desk.run(name, began, lost, &[]));
    let worse = ends(&["compare", &a, &b], 1);
    let text = String::from_utf8(worse.stdout).unwrap();
    assert!(text.starts_with("Worse: lost."), "{text}");
    assert!(text.contains("23.1 %"), "as run tells it: {text}");
    assert!(text.contains("it takes 10 measured seconds"), "{text}");

    let said = refused(&["compare", &a, &c]);
    assert!(said.contains("10 measured seconds at least"), "{said}");
}

/// As `compare … | head` does.
#[test]
fn who_reads_no_further_has_the_verdict_all_the_same() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 300, &[])];
    let (nobody, stdout) = pipe().unwrap();
    drop(nobody);
    let output = program(&["compare", &a, &b]).stdout(stdout).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(1), ""));
}

#[test]
fn a_comparison_has_colour_where_that_is_wished() {
    let desk = Desk::new();
    let [a, b] = [desk.run("a", 1, 0, &[]), desk.run("b", 2, 300, &[])];
    let coloured = |when| {
        let output = ends(&["compare", &a, &b, "--color", when], 1);
        output.stdout.contains(&b'\x1b')
    };
    assert!(coloured("always"));
    assert!(!coloured("never") && !coloured("auto"));
}

#[test]
fn a_difference_that_matters_is_in_percent() {
    for relevant in ["1e9", "100", "-5"] {
        let relevant = format!("--relevant={relevant}");
        let said = refused(&["compare", "a.json", "b.json", &relevant]);
        assert!(said.contains("percent from 0 to less than 100"), "{said}");
    }
}

#[test]
fn what_the_parts_had_to_keep_to_the_whole_has_to() {
    let desk = Desk::new();
    let [a, b] = [
        desk.run("a", 1, 0, &["lost == 0"]),
        desk.run("b", 2, 300, &["lost == 0", "delivery p99 < 1s"]),
    ];
    let merged = desk.path("merged").display().to_string();
    let report = format!("json={merged}");
    let output = ends(&["merge", &a, &b, "--report", &report], 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 of 4 limits is missed"), "{text}");

    // And on: the merged record has them, and one record will do.
    let more = ["--threshold", "sent > 0"];
    let output = ends(&[&["merge", &merged][..], &more].concat(), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 of 5 limits is missed"), "{text}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_once() {
    let desk = Desk::new();
    let path = desk.path("broken");
    std::fs::write(&path, "{").unwrap();
    let path = path.display().to_string();
    let said = refused(&["merge", &path]);
    let told = format!("chat-loadtest: {path}:1: this is no JSON: EOF while parsing an object");
    assert!(said.starts_with(&told), "{said}");
    assert_eq!(said.matches("EOF").count(), 1, "{said}");
}

#[test]
fn only_searches_of_one_question_are_put_on_a_curve() {
    let desk = Desk::new();
    let searches = [1, 2, 4].map(|n| desk.search(&format!("{n}"), n, "lost == 0"));
    let [one, two, four] = searches.each_ref().map(String::as_str);
    let output = ends(&["scale", one, two, four, "--load", "2500/s"], 0);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Universal Scalability Law"), "{text}");

    let run = desk.run("run", 1, 0, &[]);
    let said = refused(&["scale", one, two, &run]);
    let told = "this is the report of a run; expected the JSON report of a capacity search";
    assert!(said.contains(told), "{said}");

    let lenient = desk.search("lenient", 4, "lost < 9");
    let said = refused(&["scale", one, &lenient]);
    let told = r#"the set of limits is ["lost == 0"] there and ["lost < 9"] here"#;
    assert!(said.contains(&lenient) && said.contains(told), "{said}");

    let said = refused(&["scale", one, two, one]);
    assert!(
        said.contains("are the same search: each counts once"),
        "{said}"
    );
}

/// A folder of records.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}.json"))
    }

    /// A run of a second in which a thousand were heard and so many lost.
    fn run(&self, name: &str, began: u32, lost: u64, limits: &[&str]) -> String {
        let mut tally = Tally::of(1);
        for _ in 0..1000 {
            tally.record(Metric::SameProcess, 6_000);
            tally.processes[0].heard.record(6_000);
        }
        (tally.counts.delivered, tally.counts.lost) = (1000, lost);
        (tally.counts.sent, tally.processes[0].sent) = (1000, 1000);
        tally.processes[0].lost = lost;
        let measurement = Measurement {
            load: load(1),
            targets: vec!["http://a".to_owned()],
            began: format!("2026-01-01T00:00:00.{began}Z"),
            measured_s: 1.0,
            tally,
            seconds: Vec::new(),
            device: Device::default(),
            servers: Vec::new(),
            workers: Vec::new(),
            remarks: Vec::new(),
        };
        let limits: Vec<Threshold> = limits.iter().map(|limit| limit.parse().unwrap()).collect();
        let verdict = judge(&measurement, &limits);
        self.writes(
            name,
            &json::render(&Report::of(measurement, verdict, String::new())),
        )
    }

    /// A search that found a thousand a second for each process, but for what they wait for each other.
    fn search(&self, name: &str, processes: u32, limit: &str) -> String {
        let n = f64::from(processes);
        let finding = Finding {
            answer: Answer::Found,
            capacity: Some(1000.0 * n / (1.0 + 0.05 * (n - 1.0))),
            missed: Some(9000.0),
            confirmed: Confirmed::default(),
            broke: Some(Broke::Loss),
            bottleneck: None,
            sentence: String::new(),
            knee: None,
            curve: Vec::new(),
            took_s: n,
            load: Some(load(processes)),
            remarks: Vec::new(),
        };
        let about = About {
            slo: vec![limit.parse().unwrap()],
            ..About::default()
        };
        let report = FindingReport::of(finding, about);
        self.writes(name, &finding::json::render(&report))
    }

    fn writes(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn load(processes: u32) -> Load {
    Load {
        scenario: "live".to_owned(),
        rooms: 1,
        members: 2,
        senders: 2,
        payload: 64,
        pace: Pace::Fixed { per_second: 1000.0 },
        seed: 1,
        processes,
        label: None,
    }
}

fn program(args: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chat-loadtest"));
    program.args(args);
    program
}

fn ends(args: &[&str], code: i32) -> Output {
    let output = program(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    output
}

fn refused(args: &[&str]) -> String {
    String::from_utf8(ends(args, 2).stderr).unwrap()
}
