//! No clause without a test: every hardened clause is named by a test of its own, every other one by a test
//! or by what a replay says it holds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and shows its counts"
)]

use std::collections::HashSet;
use std::path::Path;

use chat_fixtures::contract::{Level, clauses};

#[test]
fn every_clause_has_a_test_that_names_it() {
    let mut of_tests = HashSet::new();
    let mut of_files = HashSet::new();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")) {
        let text = std::fs::read_to_string(&file).unwrap();
        of_tests.extend(named(&above_tests(&text)));
        of_files.extend(named(&comments(&text, "//!")));
    }
    let is_tested = |id: &str, level: Level| {
        of_tests.contains(id) || (level != Level::Hardened && of_files.contains(id))
    };
    let missing: Vec<_> = clauses()
        .iter()
        .filter(|clause| !is_tested(&clause.id, clause.level))
        .map(|clause| &clause.id)
        .collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
    println!("{} clauses, each named by a test", clauses().len());
}

/// The comment lines that begin with `mark`, without it.
fn comments(text: &str, mark: &str) -> String {
    let lines = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(mark));
    lines.collect::<Vec<_>>().join("\n")
}

/// The doc comments that stand right above a test.
fn above_tests(text: &str) -> String {
    let mut found = String::new();
    let mut comment = String::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(words) = line.strip_prefix("///") {
            comment.push_str(words);
            comment.push('\n');
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            found.push_str(&comment);
        } else if !line.starts_with("#[") {
            comment.clear();
        }
    }
    found
}

/// The clause ids in these words, ranges as `REG-1 to REG-7` spelled out.
fn named(text: &str) -> HashSet<String> {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut ids: HashSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
    for range in words.windows(3) {
        let [first, "to", last] = range else { continue };
        let (Some((area, from)), Some((other, to))) =
            (first.rsplit_once('-'), last.rsplit_once('-'))
        else {
            continue;
        };
        let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else {
            continue;
        };
        if area == other {
            ids.extend((from..=to).map(|number| format!("{area}-{number}")));
        }
    }
    ids
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
