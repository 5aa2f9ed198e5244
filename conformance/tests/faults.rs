//! The catalogue of faults says what there is, and every promise has a fault that breaks it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use chat_conformance::{
    checks,
    faults::{Catalogue, catalogue},
};

#[test]
fn the_catalogue_is_read() {
    toml::from_str::<Catalogue>(include_str!("../faults.toml")).unwrap();
    assert!(
        catalogue().faults.len() >= 60,
        "{}",
        catalogue().faults.len()
    );
}

#[test]
fn the_catalogue_fits_the_checks_and_the_proxy() {
    let checks: Vec<_> = checks::all().collect();
    let problems = catalogue().problems(&checks);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_fault_is_told_in_one_sentence() {
    for fault in &catalogue().faults {
        let sentence = fault.breaks.ends_with('.') && !fault.breaks.contains('\n');
        assert!(sentence, "{}: {}", fault.name, fault.breaks);
    }
}

/// Who copies an example copies what is there.
#[test]
fn the_examples_for_contributors_are_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let code = [
        text("src/checks/delivery.rs"),
        text("../fixtures/src/saboteur/sends.rs"),
        text("faults.toml"),
    ];
    let told = text("../CONTRIBUTING.md");
    let (_, how_to) = told.split_once("## Adding a check").unwrap();
    let fenced = how_to.split("```").skip(1).step_by(2);
    let examples: Vec<_> = fenced.flat_map(examples_of).collect();
    assert_eq!(examples.len(), 3, "{examples:#?}");
    for example in examples {
        let is_there = code.iter().any(|code| code.contains(&example));
        assert!(is_there, "no longer so in the code:\n{example}");
    }
}

/// The functions and rows of a block of a list item, as they stand at the margin.
fn examples_of(block: &str) -> Vec<String> {
    let lines = block.lines().skip(1).map(|line| match line.get(3..) {
        Some(rest) => format!("{rest}\n"),
        None => "\n".to_owned(),
    });
    let text: String = lines.collect();
    let begins = ["async fn ", "fn ", "[[fault]]"];
    let at = begins.iter().find_map(|begin| {
        let at = text.find(&format!("\n{begin}")).map(|at| at + 1);
        at.or_else(|| text.starts_with(begin).then_some(0))
    });
    at.map(|at| text[at..].to_owned()).into_iter().collect()
}
