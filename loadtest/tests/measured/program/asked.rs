//! What cannot be is said before anybody is asked anything: nobody listens at that address.

use super::*;

const AT: &str = "http://127.0.0.1:1";

#[test]
fn a_rule_that_goose_does_not_know() {
    for command in [&["run", AT][..], &["worker", AT, "--locust", "127.0.0.1:1"]] {
        for (rule, why) in [
            ("p95=500ms", "the operator must be <, <=, > or >="),
            ("speed<5s", "\"speed\" is not a metric; use pNN"),
            ("p99<0", "no response time is less than 0"),
        ] {
            let said = refused(&[command, &["--goose-threshold", rule]].concat());
            assert!(
                said.contains("--goose-threshold") && said.contains(rule) && said.contains(why),
                "{said}"
            );
        }
    }
}

#[test]
fn a_search_that_has_no_room_to_search_in() {
    for (args, why) in [
        (
            &["--budget", "12s", "--probe", "10s"][..],
            "12 s do not do for one probe, which takes 15 s",
        ),
        (
            &["--start", "200/s", "--max", "100/s"],
            "cannot begin at 200/s (--start): it asks for 1/s at least and 100/s at most (--max)",
        ),
        (&["--precision", "0"], "between 0.005 and 0.5"),
    ] {
        let said = refused(&[&["capacity", AT], args].concat());
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn metrics_that_are_at_no_url() {
    for url in ["localhost", "localhost:9000", "file:///metrics"] {
        let said = refused(&["run", AT, "--server-metrics", url]);
        assert!(said.contains("http://127.0.0.1:9000/metrics"), "{said}");
    }
}
