//! The tables of checks held against the contract by the compiler: a clause without a check does not build,
//! nor does a check of a clause that is not there.

use crate::{check::Check, checks::FILES};

include!(concat!(env!("OUT_DIR"), "/clauses.rs"));

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut n = 0;
    while n < a.len() {
        if a[n] != b[n] {
            return false;
        }
        n += 1;
    }
    true
}

const fn asks_about(checks: &[Check], clause: &str) -> bool {
    let mut n = 0;
    while n < checks.len() {
        if same(checks[n].spelling, clause) {
            return true;
        }
        n += 1;
    }
    false
}

const fn has_a_check(clause: &str) -> bool {
    let mut n = 0;
    while n < FILES.len() {
        if asks_about(FILES[n], clause) {
            return true;
        }
        n += 1;
    }
    false
}

const fn is_a_clause(spelling: &str) -> bool {
    let mut n = 0;
    while n < CLAUSES.len() {
        if same(CLAUSES[n], spelling) {
            return true;
        }
        n += 1;
    }
    false
}

const _: () = {
    let mut n = 0;
    while n < CLAUSES.len() {
        assert!(has_a_check(CLAUSES[n]), "a clause has no check");
        n += 1;
    }
    let mut file = 0;
    while file < FILES.len() {
        let mut row = 0;
        while row < FILES[file].len() {
            assert!(
                is_a_clause(FILES[file][row].spelling),
                "a check is of no clause"
            );
            row += 1;
        }
        file += 1;
    }
};
