//! The program, as people start it on what earlier runs have written.

mod asked;
mod output;
mod records;

use std::{
    io::pipe,
    path::PathBuf,
    process::{Command, Output},
};

use chat_loadtest::{
    capacity::{Answer, Broke, Confirmed, Finding},
    measurement::{Load, Measurement},
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

use crate::example;

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
    fn run(&self, name: &str, id: u32, lost: u64, limits: &[&str]) -> String {
        let mut tally = Tally::of(2);
        for _ in 0..1000 {
            tally.record(Metric::SameProcess, 6_000);
            tally.processes[0].heard.record(6_000);
        }
        (tally.counts.delivered, tally.counts.lost) = (1000, lost);
        (tally.counts.sent, tally.processes[0].sent) = (1000, 1000);
        tally.processes[0].lost = lost;
        let measurement = Measurement {
            runs: vec![id.to_string()],
            measured_s: 1.0,
            tally,
            ..example::run()
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
            load: Some(Load {
                processes,
                ..example::load()
            }),
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
