//! Reports of small made-up runs: what they say, what they never say, and that the schema knows it all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod people;
mod programs;
mod runs;

use std::{fs, path::Path};

use chat_conformance::{
    report::{FORMATS, Format},
    reproduction,
};
use runs::{hostile, mixed, unheard};

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
