//! Small made-up runs to report.

use chat_conformance::{
    check::{Mismatch, Outcome},
    report::{CheckResult, Report},
    reproduction::Way,
    transcript::{Entry, Event, Text},
};
use chat_fixtures::contract::{Level, clause};

/// The result of a check of which nothing more is known.
pub(crate) fn result(check: &str, outcome: Outcome, reason: Option<&str>) -> CheckResult {
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

pub(crate) fn violation(check: &str, what: &str, expected: &str, actual: &str) -> CheckResult {
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
pub(crate) fn unheard() -> CheckResult {
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

pub(crate) fn report(results: Vec<CheckResult>) -> Report {
    Report {
        tool: "chat-conformance 0.1.0".to_owned(),
        began: "2026-11-23T00:20:25Z".to_owned(),
        took: 4_210,
        targets: vec!["http://127.0.0.1:8000".to_owned()],
        processes: 1,
        level: Level::Parity,
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
pub(crate) fn mixed() -> Report {
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

/// A server that answers with what might harm a reader.
pub(crate) fn hostile() -> Report {
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
