//! What each form of a search's report says, and with which exit code.

use super::*;

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
    let schema = Schema::of(include_str!("../../../src/finding.schema.json"));
    let folder = tempfile::tempdir().unwrap();
    for (name, report) in all() {
        let text = json::render(&report);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema.refuses(&document), None, "{name}");
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        assert!(record::finding(&path).unwrap() == report.finding, "{name}");
        assert!(record::measurement(&path).is_err(), "{name}");
    }
    let mut wrong: Value = serde_json::from_str(&json::render(&found())).unwrap();
    wrong["finding"]["curve"][0]["outcome"] = "missed".into();
    assert!(schema.refuses(&wrong).is_some(), "a limit is missing");
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
    assert!(page.contains(">20 % + 24 %</td>") && page.contains("<dt>Bottleneck</dt>"));
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
fn a_form_that_shows_one_run_is_no_form_of_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.hlog");
    let to: ReportTo = format!("hdr={}", path.display()).parse().unwrap();
    let outputs = Outputs::open(&[to], true, ColorChoice::Never).unwrap();
    let error = found().write_to(outputs).unwrap_err().to_string();
    assert_eq!(error, "a search has no report as hdr");
    assert!(!path.exists());
}
