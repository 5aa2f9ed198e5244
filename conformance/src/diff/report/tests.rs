//! Every form of report of one comparison.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use boon::{Compiler, Schemas};
use serde_json::Value;

use super::*;
use crate::report::FORMATS;

fn difference(allowed: bool) -> Difference {
    Difference {
        id: "GET /api/me/: body/email otherwise".to_owned(),
        allowed: allowed.then(|| AllowedBy {
            list: "own.toml".to_owned(),
            reason: "it has to be so".to_owned(),
        }),
        clause: Some("AUTH-3".to_owned()),
        level: Some(Level::Required),
        text: Some("it <b>is</b> so".to_owned()),
        count: 5,
        questions: vec!["recorded/me".to_owned()],
        story: vec!["alice → GET /api/me/".to_owned()],
        steps: 1,
        is_whole: true,
        places: vec!["body/email: \"a\" is due, not \"b\"".to_owned()],
        parts: vec![Part {
            at: "body/email".to_owned(),
            original: Some("\"a\"".to_owned()),
            candidate: Some("\"<script>\"".to_owned()),
            differs: true,
        }],
        again: "chat-conformance diff".to_owned(),
        reproduction: "#!/bin/sh\n".to_owned(),
    }
}

fn report(differences: Vec<Difference>) -> Report {
    Report {
        tool: "chat-conformance 0 diff".to_owned(),
        began: "2026-01-02T03:04:05Z".to_owned(),
        took: 12_000,
        original: "http://a".to_owned(),
        candidate: "http://b".to_owned(),
        seed: 7,
        exit_code: 1,
        recorded: 2_231,
        generated: 1,
        differences,
        stale: vec!["recorded/x (hardened: WS-14)".to_owned()],
        unasked: vec![Unasked {
            question: "recorded/y".to_owned(),
            reason: "nobody knows <chat 3>".to_owned(),
        }],
        cut_short: true,
    }
}

#[test]
fn the_json_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../../diff.schema.json")).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource("diff.json", schema).unwrap();
    let index = compiler.compile("diff.json", &mut schemas).unwrap();
    for differences in [vec![difference(false), difference(true)], Vec::new()] {
        let json = report(differences).render(Format::Json, false);
        let json = serde_json::from_str(&json).unwrap();
        if let Err(error) = schemas.validate(&json, index) {
            panic!("{error}");
        }
    }
}

#[test]
fn every_form_tells_all_of_it_and_no_markup_of_a_server() {
    let report = report(vec![difference(false), difference(true)]);
    for row in FORMATS {
        // minijinja writes slashes so.
        let text = report.render(row.format, false).replace("&#x2f;", "/");
        for part in ["GET /api/me/", "body/email", "recorded/x", "recorded/y"] {
            assert!(text.contains(part), "{}: {part}\n{text}", row.name);
        }
        let is_markup = matches!(row.format, Format::Html | Format::Junit);
        assert!(!(is_markup && text.contains("<script>")), "{text}");
    }
}

#[test]
fn the_conclusion_is_told_once() {
    for differences in [vec![difference(false), difference(true)], Vec::new()] {
        let report = report(differences);
        let text = report.render(Format::Terminal, false);
        assert_eq!(text.matches(&report.conclusion()).count(), 1, "{text}");
        assert_eq!(text.lines().last(), Some(&*report.conclusion()), "{text}");
    }
}

#[test]
fn the_conclusion_is_one_sentence() {
    let mut report = report(vec![difference(false), difference(true)]);
    report.cut_short = false;
    report.unasked.clear();
    let asked = "2,231 recorded questions and 1 generated one.";
    let beyond = "beyond 1 difference that is allowed";
    assert_eq!(
        report.conclusion(),
        format!("They differ in 1 way, {beyond}: {asked}")
    );
    report.differences.remove(0);
    report.stale.clear();
    assert_eq!(
        report.conclusion(),
        format!("They mean the same, {beyond}: {asked}")
    );
}
