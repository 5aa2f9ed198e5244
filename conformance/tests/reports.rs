//! Reports of small made-up runs: what they say, what they never say, and that the schema knows it all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path, process::Command};

use chat_conformance::{
    check::{Mismatch, Outcome},
    report::{CheckResult, FORMATS, Format, Report, terminal},
    reproduction::{self, Way},
    transcript::{Entry, Event, Text},
};
use chat_fixtures::contract::clause;
use serde_json::Value;

/// The result of a check of which nothing more is known.
fn result(check: &str, outcome: Outcome, reason: Option<&str>) -> CheckResult {
    let clause = clause(check.split('/').next().unwrap()).unwrap();
    CheckResult {
        clause: clause.id.clone(),
        check: check.to_owned(),
        level: clause.level,
        area: clause.area,
        text: clause.text.clone(),
        outcome,
        fails: false,
        took: 12,
        reason: reason.map(str::to_owned),
        mismatch: None,
        transcript: Vec::new(),
        again: format!("chat-conformance http://127.0.0.1:8000 --only {check} --seed 7"),
    }
}

fn violation(check: &str, what: &str, expected: &str, actual: &str) -> CheckResult {
    let mismatch = Mismatch {
        what: what.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
    };
    CheckResult {
        fails: true,
        mismatch: Some(mismatch.clone()),
        ..result(check, Outcome::Violation, Some(&mismatch.to_string()))
    }
}

/// Bob does not hear what Alice says.
fn unheard() -> CheckResult {
    let event = r#"{"type":"message","message":{"id":3,"chat":17,"content":"hello","sender":{"id":5,"username":"ct-0a1b2c3d-cast-0"}}}"#;
    let other = event.replace(r#""id":5"#, r#""id":6"#);
    let request = |method: &str, path: &str, body: Option<&str>| Event::Request {
        method: method.to_owned(),
        url: format!("http://127.0.0.1:8000{path}"),
        headers: Vec::new(),
        session: true,
        csrf: method != "GET",
        body: body.map(|body| ("application/json".to_owned(), Text::of(body, 100))),
    };
    let handshake = || Event::Request {
        method: "GET".to_owned(),
        url: "http://127.0.0.1:8000/ws/chat/17/".to_owned(),
        headers: [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        session: true,
        csrf: false,
        body: None,
    };
    let answer = |status, body: &str| Event::Answer {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Text::of(body, 2048),
        took: 3.25,
    };
    let is = |who: &str, id| Event::Introduced {
        username: format!("ct-0a1b2c3d-{who}"),
        id,
        cookies: Vec::new(),
    };
    let story = [
        ("alice", is("cast-0", 5)),
        ("bob", is("cast-1", 6)),
        (
            "alice",
            request(
                "POST",
                "/api/chats/",
                Some(r#"{"name":"ct-0a1b2c3d-chat","participant_ids":[6]}"#),
            ),
        ),
        (
            "alice",
            answer(201, r#"{"id":17,"name":"ct-0a1b2c3d-chat"}"#),
        ),
        ("bob", handshake()),
        ("bob", answer(101, "")),
        ("alice", handshake()),
        ("alice", answer(101, "")),
        (
            "alice",
            Event::Sent {
                connection: 2,
                frame: Text::of(r#"{"content":"it's"}"#, 100),
            },
        ),
        (
            "alice",
            Event::Heard {
                connection: 2,
                frame: Text::of(event, 100),
            },
        ),
        (
            "bob",
            Event::Heard {
                connection: 1,
                frame: Text::of(&other, 2048),
            },
        ),
        ("alice", request("GET", "/api/chats/17/messages/", None)),
    ];
    let mut at = 0.0;
    let transcript = story
        .into_iter()
        .map(|(who, event)| {
            at += 1.5;
            Entry {
                at,
                who: who.to_owned(),
                event,
            }
        })
        .collect();
    CheckResult {
        transcript,
        ..violation(
            "WS-3/reaches_every_participant",
            "bob's next frame",
            event,
            &other,
        )
    }
}

fn report(results: Vec<CheckResult>) -> Report {
    Report {
        tool: "chat-conformance 0.1.0".to_owned(),
        began: "2026-11-23T00:20:25Z".to_owned(),
        took: 4_210,
        targets: vec!["http://127.0.0.1:8000".to_owned()],
        processes: 1,
        level: chat_fixtures::contract::Level::Parity,
        seed: 7,
        prefix: "ct-0a1b2c3d-".to_owned(),
        exit_code: Report::exit_code_of(&results),
        headlines: Vec::new(),
        cut_short: None,
        results,
        notes: vec![
            "7 accounts are left behind: the contract has no way to delete them".to_owned(),
        ],
        way: Way::default(),
        plan: None,
    }
}

/// A result of every kind.
fn mixed() -> Report {
    report(vec![
        result("REG-1/registers", Outcome::Pass, None),
        unheard(),
        CheckResult {
            fails: true,
            ..result(
                "REG-5/words",
                Outcome::Pass,
                Some("listed as a deviation, and passes"),
            )
        },
        CheckResult {
            fails: true,
            ..result(
                "AUTH-4/session_is_dead",
                Outcome::Untestable,
                Some("to log somebody in was not possible"),
            )
        },
        CheckResult {
            fails: false,
            ..violation("WS-17/binary_closes", "the close code", "1003", "1011")
        },
        result(
            "HTTP-3/headers",
            Outcome::Deviation,
            Some("daphne adds a header # and says so"),
        ),
        result(
            "PROC-1/across",
            Outcome::NotApplicable,
            Some("needs 2 processes: give more URLs"),
        ),
        CheckResult {
            fails: true,
            ..result("SEND-7/forms", Outcome::Broken, Some("task panicked"))
        },
    ])
}

fn is_as_kept(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reports")
        .join(name);
    if std::env::var_os("KEEP_REPORTS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert_eq!(text, kept, "{name}; KEEP_REPORTS=1 keeps the new one");
}

#[test]
fn texts_are_as_kept() {
    let report = mixed();
    is_as_kept("terminal.txt", &Format::Terminal.render(&report));
    is_as_kept("tap.txt", &Format::Tap.render(&report));
    is_as_kept("github.txt", &Format::Github.render(&report));
    is_as_kept(
        "script.sh",
        &reproduction::script(&report, &unheard()).unwrap(),
    );
}

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
fn json_keeps_to_the_schema() {
    let schema: Value = serde_json::from_str(include_str!("../report.schema.json")).unwrap();
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

/// A server that answers with what might harm a reader.
fn hostile() -> Report {
    let harm =
        "</pre><script>alert(1)</script>\u{1b}[2J\0\u{202e}\u{fffe}]]>\n::error::%0A, <b>& it's";
    let mut result = unheard();
    result.mismatch = Some(Mismatch {
        what: harm.to_owned(),
        expected: harm.to_owned(),
        actual: harm.to_owned(),
    });
    result.reason = Some(harm.to_owned());
    for entry in &mut result.transcript {
        entry.who = harm.to_owned();
        if let Event::Heard { frame, .. } | Event::Answer { body: frame, .. } = &mut entry.event {
            *frame = Text::of(harm, 2048);
        }
    }
    let mut report = report(vec![result]);
    report.targets = vec![harm.to_owned()];
    report.notes = vec![harm.to_owned()];
    report
}

#[test]
fn a_servers_text_is_never_markup_nor_a_command() {
    let report = hostile();
    for row in FORMATS {
        let text = row.format.render(&report);
        assert!(!text.is_empty(), "{}", row.name);
        let moves = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!text.contains(moves), "{}", row.name);
        assert!(
            row.format == Format::Json || !text.contains('\u{202e}'),
            "{}",
            row.name
        );
    }
    let html = Format::Html.render(&report);
    assert!(!html.contains("<script"), "markup of the server");
    assert!(html.contains("&lt;script&gt;alert(1)"));
    let commands = Format::Github.render(&report);
    assert!(
        commands
            .lines()
            .all(|line| line.starts_with("::notice title=") || line.starts_with("::error title="))
    );
    assert!(
        commands.contains("::error%3A%3A") || commands.contains("%0A::error::%250A"),
        "{commands}"
    );
    for format in [Format::Terminal, Format::Tap] {
        assert!(
            !format
                .render(&report)
                .lines()
                .any(|line| line.trim_start().starts_with("::"))
        );
    }
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
