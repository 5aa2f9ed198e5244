//! Searches that found, that found nothing, that ended at the device or at their time, told in every form.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{path::PathBuf, time::Duration};

use chat_fixtures::output::Outputs;
use chat_loadtest::{
    capacity::{Answer, Broke, Finding, Limits, Observation, Outcome, Search, Step},
    measurement::{Load, Pace, ServerShare},
    record,
    report::{
        FORMATS, FindingReport, Format, ReportTo,
        finding::{About, json, terminal},
    },
    threshold::Thresholds,
};
use clap::ColorChoice;
use serde_json::Value;

const SLO: &str = "delivery p99 < 250ms, lost == 0";

fn missed(limit: &str, broke: Broke) -> Outcome {
    Outcome::Missed {
        limit: limit.to_owned(),
        broke,
    }
}

fn too_slow() -> Outcome {
    Outcome::Invalid {
        reason: "the device sent late".to_owned(),
    }
}

/// What a deployment shows whose p99 grows with the load.
fn observed(load: f64, outcome: Outcome) -> Observation {
    let p99_us = Duration::from_secs_f64(0.005 + 2.0 / (850.0 - load).max(4.0));
    Observation {
        achieved: load.min(820.0),
        deliveries: load * 10.0,
        p50_us: Some(2_000),
        p99_us: u64::try_from(p99_us.as_micros()).ok(),
        lost: 0,
        servers: Vec::new(),
        outcome,
        took: Duration::from_secs(10),
    }
}

/// A search that is broken off when `probe` shows nothing more.
fn searched(
    change: impl FnOnce(&mut Limits),
    mut probe: impl FnMut(f64) -> Option<Observation>,
) -> Finding {
    let mut limits = Limits {
        highest: 10_000.0,
        probe: Duration::from_secs(10),
        ..Limits::default()
    };
    change(&mut limits);
    let mut search = Search::new(limits);
    let mut finding = loop {
        match search.next() {
            Step::Done(finding) => break *finding,
            Step::Probe(asked) => match probe(asked.load) {
                Some(observation) => search.saw(asked.load, observation),
                None => break search.broken_off().unwrap(),
            },
        }
    };
    finding.load = Some(load());
    finding
}

fn load() -> Load {
    Load {
        scenario: "live".to_owned(),
        rooms: 20,
        members: 10,
        senders: 10,
        payload: 64,
        pace: Pace::Fixed { per_second: 100.0 },
        seed: 1,
        processes: 2,
        label: None,
    }
}

fn report(finding: Finding) -> FindingReport {
    let about = About {
        command: "chat-loadtest capacity http://a".to_owned(),
        began: "2026-11-23T03:46:39Z".to_owned(),
        targets: vec![
            "http://10.0.0.1:8001".to_owned(),
            "http://10.0.0.2:8002".to_owned(),
        ],
        machine: "2 cores".to_owned(),
        slo: SLO.parse::<Thresholds>().unwrap().0,
    };
    FindingReport::of(finding, about)
}

fn found() -> FindingReport {
    report(searched(
        |_| {},
        |load| Some(observed(load, below_812(load))),
    ))
}

fn below_812(load: f64) -> Outcome {
    match load < 812.0 {
        true => Outcome::Met,
        false => missed("delivery p99 < 250ms: 410 ms", Broke::Latency),
    }
}

/// The same with its server watched, two processes: the second one is full at 800 messages a second.
fn watched() -> FindingReport {
    let share = |name: &str, cores: f64| {
        // As many digits as JSON keeps for sure.
        let cores = (cores * 100.0).round() / 100.0;
        ServerShare {
            name: name.to_owned(),
            cores,
            busiest: cores,
        }
    };
    let probe = |load: f64| Observation {
        servers: vec![
            share("pid 4711 (a)", (load / 1000.0).min(0.4)),
            share("pid 4712 (b)", (load / 850.0).min(0.97)),
        ],
        ..observed(load, below_812(load))
    };
    report(searched(|_| {}, |load| Some(probe(load))))
}

fn device_broke() -> FindingReport {
    let outcome = |load| {
        if load < 500.0 {
            Outcome::Met
        } else {
            too_slow()
        }
    };
    report(searched(|_| {}, |load| Some(observed(load, outcome(load)))))
}

fn nothing_held() -> FindingReport {
    let lossy = |load| Some(observed(load, missed("lost == 0: 7", Broke::Loss)));
    report(searched(|_| {}, lossy))
}

fn nothing_broke() -> FindingReport {
    let fine = |load| Some(observed(load, Outcome::Met));
    report(searched(|limits| limits.highest = 400.0, fine))
}

fn out_of_time(outcome: impl Fn(f64) -> Outcome) -> FindingReport {
    let short = |limits: &mut Limits| limits.budget = Duration::from_secs(60);
    report(searched(short, |load| Some(observed(load, outcome(load)))))
}

/// Broken off after so many probes.
fn broken_off(probes: usize, outcome: impl Fn(f64) -> Outcome) -> FindingReport {
    let mut left = probes;
    let probe = |load| {
        left = left.checked_sub(1)?;
        Some(observed(load, outcome(load)))
    };
    report(searched(|_| {}, probe))
}

fn hostile() -> FindingReport {
    let evil = "<script>\u{1b}[2J\u{202e}</script><b>";
    let mut report = found();
    report.command = evil.to_owned();
    report.machine = evil.to_owned();
    report.targets = vec![evil.to_owned()];
    report.finding.remarks.push(evil.to_owned());
    report.finding.sentence = evil.to_owned();
    report.finding.load.as_mut().unwrap().label = Some(evil.to_owned());
    for point in &mut report.finding.curve {
        point.outcome = missed(evil, Broke::Loss);
    }
    report
}

fn all() -> [(&'static str, FindingReport); 8] {
    [
        ("found", found()),
        ("watched", watched()),
        ("broken-off", broken_off(3, |_| Outcome::Met)),
        ("device", device_broke()),
        ("nothing-held", nothing_held()),
        ("nothing-broke", nothing_broke()),
        ("out-of-time", out_of_time(|_| Outcome::Met)),
        ("hostile", hostile()),
    ]
}

#[test]
fn the_exit_code_says_whose_limit_was_found() {
    let told = |report: FindingReport| (report.finding.answer, report.exit_code);
    assert_eq!(told(found()), (Answer::Found, 0));
    assert_eq!(told(nothing_broke()), (Answer::NothingBroke, 0));
    assert_eq!(told(nothing_held()), (Answer::NothingHeld, 1));
    assert_eq!(told(device_broke()), (Answer::DeviceBrokeFirst, 4));
    assert_eq!(told(out_of_time(|_| Outcome::Met)), (Answer::OutOfTime, 0));
    let never = |_| missed("lost == 0: 7", Broke::Loss);
    assert_eq!(told(out_of_time(never)), (Answer::OutOfTime, 1));
    let late = |load| {
        if load < 100.0 {
            Outcome::Met
        } else {
            too_slow()
        }
    };
    assert_eq!(told(out_of_time(late)), (Answer::OutOfTime, 4));
    let met = |_| Outcome::Met;
    assert_eq!(told(broken_off(3, met)), (Answer::Interrupted, 2));
    assert_eq!(told(broken_off(3, never)), (Answer::Interrupted, 1));
    assert_eq!(told(broken_off(3, late)), (Answer::Interrupted, 2));
}

#[test]
fn a_device_that_is_never_fit_ends_the_search_at_once() {
    let report = report(searched(|_| {}, |load| Some(observed(load, too_slow()))));
    assert_eq!(report.exit_code, 4);
    assert_eq!(report.finding.curve.len(), 3, "{:?}", report.finding);
    assert!(
        report
            .finding
            .sentence
            .starts_with("Says nothing about the deployment")
    );
}

#[test]
fn the_terminal_says_the_answer_first_and_what_to_do_last() {
    let text = terminal::render(&found());
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("✓ Carries ") && first.ends_with("(exit code 0)"),
        "{first}"
    );
    assert!(
        text.lines().last().unwrap().contains("chat-loadtest scale"),
        "{text}"
    );
    for told in [
        "20 rooms × 10 members, all of them speaking; messages of 64 bytes at even distances",
        "(2 processes)",
        "delivery p99 < 250ms, lost == 0",
        "deliveries begin to take longer",
        "→ ",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    assert!(terminal::render(&device_broke()).starts_with("! Carries at least "));
    assert!(terminal::render(&nothing_held()).starts_with("✗ "));
    assert!(terminal::render_coloured(&found()).contains('\u{1b}'));
}

#[test]
fn json_keeps_to_its_schema_and_scale_reads_it() {
    let schema: Value = serde_json::from_str(include_str!("../src/finding.schema.json")).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler
        .add_resource("finding.schema.json", schema)
        .unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler
        .compile("finding.schema.json", &mut schemas)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, report) in all() {
        let text = json::render(&report);
        let document: Value = serde_json::from_str(&text).unwrap();
        let checked = schemas.validate(&document, schema);
        checked
            .map_err(|error| format!("{name}: {error:#}"))
            .unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        assert!(record::finding(&path).unwrap() == report.finding, "{name}");
        assert!(record::measurement(&path).is_err(), "{name}");
    }
    let mut wrong: Value = serde_json::from_str(&json::render(&found())).unwrap();
    wrong["finding"]["curve"][0]["outcome"] = "missed".into();
    assert!(
        schemas.validate(&wrong, schema).is_err(),
        "a limit is missing"
    );
}

#[test]
fn the_servers_cpu_stands_beside_each_probe() {
    let report = watched();
    let missed = report.finding.missed.unwrap();
    let full = report.finding.bottleneck.clone().unwrap();
    assert_eq!((full.name.as_str(), full.others), ("pid 4712 (b)", 0));
    let text = terminal::render(&report);
    for told in [
        "server CPU",
        "of a core, by pid 4711 (a) + pid 4712 (b)",
        // At 50, 100, 200 messages a second.
        "5 % + 6 %",
        "10 % + 12 %",
        "20 % + 24 %",
        &format!(
            "pid 4712 (b) was busy for 97 % of a core's time at {}/s",
            missed.round()
        ),
        "it is the bottleneck; profile it",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    let page = Format::Html.render_search(&report).unwrap();
    assert_eq!(page.matches("<figure").count(), 3);
    assert!(page.contains("<td>20 % + 24 %</td>") && page.contains("<dt>Bottleneck</dt>"));
    let json: Value = serde_json::from_str(&json::render(&report)).unwrap();
    assert_eq!(json["finding"]["bottleneck"]["name"], "pid 4712 (b)");
    assert_eq!(json["finding"]["curve"][2]["servers"][0]["cores"], 0.2);

    let mut idle = report;
    idle.finding.bottleneck = None;
    assert!(terminal::render(&idle).contains("none of the processes that were watched"));
    assert!(!terminal::render(&found()).contains("server CPU"));
}

#[test]
fn junit_fails_and_errs_as_the_exit_code_says() {
    let counted = |report: &FindingReport| {
        let text = Format::Junit.render_search(report).unwrap();
        let count = |what: &str| text.matches(what).count();
        (
            count("<testcase "),
            count("<failure "),
            count("<error "),
            count("<skipped "),
        )
    };
    assert_eq!(counted(&found()), (3, 0, 0, 0));
    assert_eq!(counted(&device_broke()), (3, 0, 1, 0));
    assert_eq!(
        counted(&nothing_held()),
        (3, 2, 0, 1),
        "the answer, what was lost; of the time nobody knows"
    );
    let text = Format::Junit.render_search(&found()).unwrap();
    assert!(
        text.contains("kept at ") && text.contains("410 ms"),
        "{text}"
    );
}

#[test]
fn the_page_marks_knee_limit_and_capacity_and_needs_nothing_from_outside() {
    let page = Format::Html.render_search(&found()).unwrap();
    assert_eq!(page.matches("<figure").count(), 2);
    for told in [
        ">knee ",
        ">capacity ",
        "limit: delivery p99 &lt; 250ms",
        "the answer",
    ] {
        assert!(page.contains(told), "{told} is not in the page");
    }
    assert_eq!(
        page.matches("<th scope=\"row\"").count(),
        found().finding.curve.len(),
        "every probe has its row"
    );
    for outside in ["http://www", "https://", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let bound = Format::Html.render_search(&device_broke()).unwrap();
    assert!(bound.contains(">at least ") && !bound.contains(">capacity "));
}

#[test]
fn nothing_that_comes_from_elsewhere_is_markup_or_moves_a_cursor() {
    for row in FORMATS {
        let Some(text) = row.format.render_search(&hostile()) else {
            assert!(matches!(row.format, Format::Hdr | Format::Prometheus));
            continue;
        };
        if matches!(row.format, Format::Html | Format::Junit) {
            assert!(
                !text.contains("<script") && !text.contains("<b>"),
                "{}",
                row.name
            );
        }
        let is_for_people = row.format != Format::Json;
        for c in ['\u{1b}', '\0', '\u{202e}'] {
            assert!(
                !is_for_people || !text.contains(c),
                "{} has {c:?}",
                row.name
            );
        }
    }
}

#[test]
fn a_form_that_shows_one_run_is_no_form_of_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.hlog");
    let to: ReportTo = format!("hdr={}", path.display()).parse().unwrap();
    let outputs = Outputs::open(&[to], true, ColorChoice::Never).unwrap();
    let error = found().write_to(outputs).unwrap_err().to_string();
    assert_eq!(error, "a search has no report as hdr");
    assert!(!path.exists());
}

/// `PAGES=/tmp cargo test -p chat-loadtest --test finding -- --ignored` writes every report into that folder.
#[test]
#[ignore = "for people who want to look at the reports"]
fn pages_to_look_at() {
    let folder = std::env::var_os("PAGES").map_or_else(std::env::temp_dir, PathBuf::from);
    for (name, report) in all() {
        for row in FORMATS {
            if let Some(text) = row.format.render_search(&report) {
                std::fs::write(folder.join(format!("search-{name}.{}", row.name)), text).unwrap();
            }
        }
    }
}
