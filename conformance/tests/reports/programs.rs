//! What programs read: JSON, JUnit, TAP, and scripts for a shell.

use std::process::Command;

use chat_conformance::{report::Format, reproduction};
use serde_json::Value;

use crate::runs::{hostile, mixed, report};

#[test]
fn json_keeps_to_the_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../report.schema.json")).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("report.schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler
        .compile("report.schema.json", &mut schemas)
        .unwrap();
    for report in [mixed(), report(Vec::new()), hostile()] {
        let document: Value = serde_json::from_str(&Format::Json.render(&report)).unwrap();
        schemas
            .validate(&document, schema)
            .map_err(|error| format!("{error:#}"))
            .unwrap();
    }
    let document: Value = serde_json::from_str(&Format::Json.render(&mixed())).unwrap();
    assert_eq!(document["verdict"], "violations");
    assert_eq!(document["counts"]["not applicable"], 1);
    assert_eq!(document["results"][6]["outcome"], "not applicable");

    let mut wrong = document;
    wrong["results"][0]["outcome"] = "passed".into();
    assert!(schemas.validate(&wrong, schema).is_err());
}

#[test]
fn junit_tells_failures_from_errors_and_skips() {
    let xml = Format::Junit.render(&mixed());
    for (element, n) in [
        ("<testcase ", 8),
        ("<failure ", 2),
        ("<error ", 2),
        ("<skipped ", 3),
        ("<testsuite ", 5),
    ] {
        assert_eq!(xml.matches(element).count(), n, "{element} in {xml}");
    }
    let xml = Format::Junit.render(&hostile());
    assert!(
        xml.contains("\\u{1b}[2J\\u{0}") && !xml.contains("]]>"),
        "{xml}"
    );
}

#[test]
fn tap_counts_as_a_harness_would() {
    let tap = Format::Tap.render(&mixed());
    let failing = tap
        .lines()
        .filter(|line| line.starts_with("not ok") && !line.contains(" # TODO"))
        .count();
    assert_eq!(
        failing,
        mixed().results.iter().filter(|result| result.fails).count()
    );
    assert!(tap.contains("daphne adds a header \\# and says so"));
}

#[test]
fn a_shell_can_read_the_scripts() {
    for report in [mixed(), hostile()] {
        for result in &report.results {
            let Some(script) = reproduction::script(&report, result) else {
                continue;
            };
            let output = Command::new("sh")
                .args(["-n", "-c", &script])
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}\n{script}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
