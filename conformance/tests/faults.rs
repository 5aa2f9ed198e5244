//! The catalogue of faults says what there is, and every promise has a fault that breaks it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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
