//! Plans: drawn, made shorter, written and read again, told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use chat_conformance::plan::{Move, Plan, Scope, Step, Who, script};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_step_of_a_drawn_plan_makes_sense(seed: u64, n in 0..2_u32, scope in scopes()) {
        let plan = Plan::drawn("WS-3/any", seed, n, scope);
        prop_assert!(!plan.steps.is_empty());
        prop_assert_eq!(plan.clone().tidied(), plan);
    }

    #[test]
    fn what_is_left_of_a_plan_makes_sense(seed: u64, first in 0..40_usize, size in 1..10_usize, scope in scopes()) {
        let plan = Plan::drawn("WS-3/any", seed, 0, scope).without(first, size);
        prop_assert_eq!(plan.clone().tidied(), plan);
    }

    #[test]
    fn a_plan_is_written_and_read_again(seed: u64, scope in scopes()) {
        let plan = Plan::drawn("WS-3/any", seed, 0, scope);
        prop_assert_eq!(Plan::read(&plan.file()).unwrap(), plan);
    }

    #[test]
    fn the_same_seed_draws_the_same(seed: u64, scope in scopes()) {
        prop_assert_eq!(Plan::drawn("WS-3/any", seed, 1, scope), Plan::drawn("WS-3/any", seed, 1, scope));
    }
}

#[test]
fn a_plan_costs_few_hashes() {
    let scope = Scope {
        sockets: true,
        accounts: true,
        processes: 2,
    };
    for seed in 0..50 {
        for n in 0..3 {
            let plan = Plan::drawn("WS-3/any", seed, n, scope);
            let hashes = plan
                .steps
                .iter()
                .filter(|step| matches!(step.does, Step::Register | Step::Login));
            assert!(hashes.count() <= if n == 0 { 3 } else { 0 });
        }
    }
}

#[test]
fn a_plan_is_told_as_a_story() {
    assert_eq!(
        small().to_string(),
        "  1. alice makes chat 1, \"tea\" with bob\n  \
           2. bob connects to chat 1 (connection 2), on another process (1)\n  \
           3. bob says \"it's \\\"hot\\\"\" on connection 2\n  \
           4. alice reads the history of chat 1\n"
    );
}

#[test]
fn a_plan_file_is_made_to_be_read_and_edited() {
    assert_eq!(
        small().file(),
        r#"{"check": "WS-3/any", "seed": 7, "steps": [
  {"who":"alice","on":0,"does":"create","chat":1,"name":"tea","with":["bob"]},
  {"who":"bob","on":1,"does":"connect","chat":1,"connection":2},
  {"who":"bob","on":0,"does":"say","connection":2,"content":"it's \"hot\""},
  {"who":"alice","on":0,"does":"history","chat":1}
]}
"#
    );
}

#[test]
fn what_makes_no_sense_in_a_file_is_left_out() {
    let file = r#"{"check": "", "seed": 1, "steps": [
        {"who": "bob", "does": "history", "chat": 9},
        {"who": "bob", "does": "me"},
        {"who": "bob", "does": "say", "connection": 3, "content": "hello"}]}"#;
    let plan = Plan::read(file).unwrap();
    assert_eq!(plan.to_string(), "  1. bob asks who they are\n");
}

#[test]
fn a_script_is_one_that_bash_can_read() {
    let scope = Scope {
        sockets: true,
        accounts: true,
        processes: 2,
    };
    let plans = [small(), Plan::drawn("WS-3/any", 3, 0, scope)];
    for plan in plans {
        let mut bash = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        bash.stdin
            .take()
            .unwrap()
            .write_all(script(&plan).as_bytes())
            .unwrap();
        assert!(bash.wait().unwrap().success(), "{}", script(&plan));
    }
}

fn small() -> Plan {
    let step = |who, on, does| Move { who, on, does };
    Plan {
        check: "WS-3/any".to_owned(),
        seed: 7,
        steps: vec![
            step(
                Who::Alice,
                0,
                Step::Create {
                    chat: 1,
                    name: "tea".to_owned(),
                    with: vec![Who::Bob],
                },
            ),
            step(
                Who::Bob,
                1,
                Step::Connect {
                    chat: 1,
                    connection: 2,
                },
            ),
            step(
                Who::Bob,
                0,
                Step::Say {
                    connection: 2,
                    content: "it's \"hot\"".to_owned(),
                },
            ),
            step(Who::Alice, 0, Step::History { chat: 1 }),
        ],
    }
}

fn scopes() -> impl Strategy<Value = Scope> {
    (any::<bool>(), any::<bool>(), 1..4_usize).prop_map(|(sockets, accounts, processes)| Scope {
        sockets,
        accounts,
        processes,
    })
}
