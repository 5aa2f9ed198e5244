//! What people read: the terminal, the page, the conclusion.

use chat_conformance::{
    check::Outcome,
    report::{Format, terminal},
};
use serde_json::Value;

use crate::runs::{mixed, report, result, violation};

#[test]
fn lines_fit_a_terminal_and_colour_adds_no_words() {
    let report = mixed();
    let plain = terminal::render(&report);
    // A command to paste is as long as it is.
    let prose = plain.lines().filter(|line| !line.starts_with("    "));
    for line in prose {
        assert!(line.chars().count() <= 120, "{line}");
    }
    let coloured = terminal::render_coloured(&report);
    assert!(coloured.contains("\u{1b}["));
    let without: String = coloured
        .split('\u{1b}')
        .enumerate()
        .map(|(n, part)| {
            if n == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            }
        })
        .collect();
    assert_eq!(without, plain);
}

#[test]
fn what_could_not_be_asked_is_part_of_the_verdict() {
    let lacks = "needs 2 processes: give more URLs";
    let mut whole = report(vec![
        result("REG-1/registers", Outcome::Pass, None),
        result("PROC-1/heard", Outcome::NotApplicable, Some(lacks)),
        result("PROC-2/kept", Outcome::NotApplicable, Some(lacks)),
    ]);
    let said = "It conforms at level parity, as far as it could be asked: 2 required checks need 2 processes \
                (give more URLs).";
    assert_eq!(whole.conclusion(), said);
    let json: Value = serde_json::from_str(&Format::Json.render(&whole)).unwrap();
    assert_eq!(json["conclusion"], said);
    assert!(
        Format::Html
            .render(&whole)
            .contains("2 required checks need")
    );

    whole.results.truncate(1);
    assert_eq!(whole.conclusion(), "It conforms at level parity.");
    whole.cut_short = Some("Interrupted".to_owned());
    whole.exit_code = 3;
    let told = terminal::render(&whole);
    assert!(
        told.lines().last().unwrap().starts_with("Interrupted. "),
        "{told}"
    );
}

#[test]
fn what_many_lack_is_counted_and_names_stay_whole() {
    let names: Vec<_> = (10..40)
        .map(|n| format!("WS-3/{}_{n}", "a_name_of_some_length"))
        .collect();
    let mut results: Vec<_> = names
        .iter()
        .map(|name| result(name, Outcome::NotApplicable, Some("needs more")))
        .collect();
    let gone = |n| {
        result(
            &format!("WS-4/{n}"),
            Outcome::Untestable,
            Some("interrupted"),
        )
    };
    results.extend((0..9).map(gone));
    let mut report = report(results);
    report.headlines = vec!["it stopped answering".to_owned()];
    let told = terminal::render(&report);
    assert!(names.iter().all(|name| told.contains(name)), "{told}");
    assert!(told.lines().all(|line| !line.trim_start().starts_with(',')));
    assert!(told.contains("9 checks because: interrupted"), "{told}");
    assert!(
        told.lines().nth(3) == Some("it stopped answering"),
        "{told}"
    );
    assert!(
        Format::Html
            .render(&report)
            .contains("it stopped answering")
    );
}

#[test]
fn a_page_of_an_error_is_told_by_its_title() {
    let page = "500 <!doctype html><html><title>Server Error</title><p>the traceback";
    let report = report(vec![violation("CHAT-1/made", "a chat", "201", page)]);
    let told = terminal::render(&report);
    assert!(told.contains("500 (HTML page: Server Error)"), "{told}");
    assert!(!told.contains("traceback"), "{told}");
    let html = Format::Html.render(&report);
    assert!(html.contains("<pre>500 (HTML page: Server Error)</pre><details>"));
    assert!(html.contains("the traceback"));
    assert!(html.contains("CHAT-1/<wbr>made"));
}

#[test]
fn html_needs_nothing_from_outside() {
    let html = Format::Html.render(&mixed());
    assert!(
        html.starts_with("<!doctype html>\n<html lang=\"en\">"),
        "{}",
        &html[..60]
    );
    for outside in ["src=", "@import", " url(", ":url(", "<link"] {
        assert!(!html.contains(outside), "{outside}");
    }
    let kinds = [
        "Violations",
        "Stale deviations",
        "Broken",
        "Untestable",
        "Known deviations",
        "Not applicable",
    ];
    for title in kinds {
        assert!(html.contains(&format!("<h2>{title} ")), "{title}");
    }
    assert!(html.contains(r#"id="WS-3.reaches_every_participant" open"#));
    assert!(html.contains("<code>message.sender.id</code>"));
}
