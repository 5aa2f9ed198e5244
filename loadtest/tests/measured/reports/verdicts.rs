//! The verdict and the exit code: what fails a run, and what only may.

use super::*;

#[test]
fn the_exit_code_follows_the_limits_and_a_late_device_takes_back_what_it_may_have_caused() {
    let codes = [passed(), failed(), report(late(), LIMITS), useless()];
    assert_eq!(codes.map(|report| report.verdict.exit_code), [0, 1, 4, 1]);
    assert_eq!(
        passed().verdict.conclusion(),
        "Passed: all 4 limits that were set are kept, and the load was carried."
    );
    assert_eq!(
        failed().verdict.conclusion(),
        "Failed: 3 of 4 limits that were set are missed."
    );
    assert_eq!(
        report(late(), LIMITS).verdict.conclusion(),
        "Invalid: the device sent late. So these are no figures of the server; as they are, 1 of 4 limits that were set is missed."
    );
    // Nothing is lost because somebody sends late.
    let both = useless().verdict.conclusion();
    assert!(
        both.starts_with(
            "Failed: 3 of 4 limits that were set are missed. The device was not fit either"
        ) && both.contains("the device sent 20.1 %"),
        "{both}"
    );
    let tolerated = report(failing(), "lost < 213, failed_requests < 13");
    assert_eq!(tolerated.verdict.exit_code, 0);
    let told: Vec<_> = failed()
        .verdict
        .thresholds
        .into_iter()
        .map(|judged| judged.told)
        .collect();
    assert_eq!(told[1..3], ["212", "6 %: 12 of 200"]);
}

#[test]
fn a_load_that_was_not_carried_fails_the_run_whatever_was_asked() {
    let with = |change: fn(&mut Counts), limits| {
        let mut run = healthy();
        change(&mut run.tally.counts);
        report(run, limits)
    };
    let few = |counts: &mut Counts| counts.broken = 1;
    let mut thousands = healthy();
    (thousands.device.connections, thousands.tally.counts.broken) = (1_000, 1);
    assert_eq!(report(thousands, LIMITS).verdict.exit_code, 0);
    assert_eq!(with(few, LIMITS).verdict.exit_code, 1, "of 200");
    assert_eq!(with(few, "broken < 2").verdict.exit_code, 0, "as they say");

    let refused = with(|counts| counts.connect_failures = 190, LIMITS);
    assert_eq!(
        refused.verdict.conclusion(),
        "Failed: the load was not carried: 190 of 390 connections could not be opened; all 4 limits that were set are kept."
    );
    let text = terminal::render(&refused);
    for told in [
        "✗ missed  connect_failures ratio <= 0.1%  always: 190 of 390 connections could not be opened",
        "✓ kept    unsent ratio <= 0.1%            always: 0 of 12,000 messages that were due",
        "limits of connections",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    let ended = with(|counts| counts.broken = 45, "lost == 0");
    assert!(
        terminal::render(&ended).contains("Next: 45 connections were ended under way"),
        "{}",
        terminal::render(&ended)
    );
    for (change, said) in [
        (
            (|counts| (counts.sent, counts.unsent) = (11_000, 1_000)) as fn(&mut Counts),
            "1,000 of 12,000 messages that were due could not be sent",
        ),
        (
            |counts| counts.refused = 12_000,
            "12,000 of 12,000 messages were refused",
        ),
        (
            |counts| counts.failed_requests = 1,
            "1 of 200 REST requests were not answered as they should be",
        ),
    ] {
        let verdict = with(change, "delivery p99 < 250ms").verdict;
        let all =
            format!("Failed: the load was not carried: {said}; the limit that was set is kept.");
        assert_eq!((verdict.exit_code, verdict.conclusion()), (1, all));
    }
    let none = report(healthy(), "lost == 0").verdict.thresholds;
    assert!(
        none.iter()
            .skip(1)
            .all(|judged| judged.is_met && judged.always.is_some())
    );
    assert_eq!(none.len(), 1 + 5);
}

#[test]
fn a_run_that_was_stopped_has_kept_nothing_and_may_have_missed() {
    let stopped = |run| {
        let Report { verdict, .. } = report(run, LIMITS);
        verdict.stopped("after 4 s of 30 s".to_owned())
    };
    let told = |run| {
        let verdict = stopped(run);
        (verdict.exit_code, verdict.conclusion())
    };
    assert_eq!(
        told(healthy()),
        (
            2,
            "Stopped after 4 s of 30 s: nothing is decided; so far, all 4 limits that were set are kept."
                .to_owned()
        )
    );
    assert_eq!(
        told(failing()),
        (
            1,
            "Failed: 3 of 4 limits that were set are missed. It was stopped after 4 s of 30 s."
                .to_owned()
        )
    );
    let (code, said) = told(late());
    assert_eq!(code, 2, "it may have been the device");
    assert!(
        said.starts_with("Stopped after 4 s of 30 s")
            && said.ends_with("so the times are none of the server's: the device sent late."),
        "{said}"
    );
    let mut before_anything = healthy();
    before_anything.tally = Tally::default();
    assert_eq!(stopped(before_anything).exit_code, 2);

    let mut report = passed();
    report.verdict = stopped(healthy());
    assert!(terminal::render(&report).starts_with("! Stopped after 4 s of 30 s"));
    let junit = Format::Junit.render(&report);
    assert!(
        junit.contains("message=\"stopped after 4 s of 30 s\""),
        "{junit}"
    );
}

#[test]
fn a_rule_of_gooses_is_a_limit_that_was_set() {
    let kept = ("avg<5s", Some("812ms"), true);
    let missed = ("p99<2s for POST /api/chats/", Some("2.3s"), false);
    let never = ("max<1s for GET /nowhere", None, false);

    let report = of_goose(healthy(), &[kept]);
    let verdict = &report.verdict;
    assert_eq!(
        (verdict.exit_code, verdict.conclusion()),
        (
            0,
            "Passed: the limit that was set is kept, and the load was carried.".to_owned()
        )
    );

    let report = of_goose(healthy(), &[kept, missed, never]);
    let verdict = &report.verdict;
    assert_eq!(
        (verdict.exit_code, verdict.conclusion()),
        (
            1,
            "Failed: 2 of 3 limits that were set are missed.".to_owned()
        )
    );
    let text = terminal::render(&report);
    for told in [
        "✓ kept    Goose: avg<5s ",
        "✗ missed  Goose: p99<2s for POST /api/chats/  2.3s",
        "✗ missed  Goose: max<1s for GET /nowhere      not measured",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    let page = Format::Html.render(&report);
    assert!(page.contains("Goose: avg&lt;5s"), "{page}");
    let junit = Format::Junit.render(&report);
    assert_eq!(junit.matches("type=\"limit missed\"").count(), 2, "{junit}");
    let read = json::read(&json::render(&report)).unwrap();
    assert_eq!(read.verdict.goose, report.verdict.goose);

    // A time or a rate that a late device may be the cause of, and one that a stopped run has seen missed.
    assert_eq!(of_goose(late(), &[missed]).verdict.exit_code, 4);
    let stopped = |rule| {
        let Report { verdict, .. } = of_goose(healthy(), &[rule]);
        verdict.stopped("after 4 s of 30 s".to_owned()).exit_code
    };
    assert_eq!([missed, never, kept].map(stopped), [1, 2, 2]);
}

#[test]
fn a_limit_on_deliveries_that_nobody_was_owed_is_not_measured() {
    let mut alone = healthy();
    alone.tally.counts.delivered = 0;
    let told = |run, limits| {
        let judged = report(run, limits).verdict.thresholds.swap_remove(0);
        (judged.is_met, judged.told)
    };
    for limit in ["lost == 0", "lost ratio < 1%", "out_of_order == 0"] {
        assert_eq!(
            told(alone.clone(), limit),
            (false, "not measured".to_owned())
        );
    }
    alone.tally.counts.lost = 3;
    assert_eq!(told(alone, "lost == 0"), (false, "3".to_owned()));
}

#[test]
fn what_was_never_measured_is_within_no_limit() {
    let mut idle = healthy();
    idle.tally = Tally::default();
    let judged = report(
        idle,
        "lost == 0, delivery p99 < 1s, GET /api/chats/ p50 < 1s, broken == 0",
    );
    let told: Vec<_> = judged
        .verdict
        .thresholds
        .iter()
        .filter(|judged| judged.always.is_none())
        .map(|judged| (judged.is_met, judged.told.as_str()))
        .collect();
    let missed = (false, "not measured");
    // The connections were there, so none of them having broken is a measurement.
    assert_eq!(told, [missed, missed, missed, (true, "0")]);
    assert_eq!(judged.verdict.exit_code, 1);
    assert_eq!(
        nothing().verdict.exit_code,
        4,
        "a run in which nothing ran is none"
    );
}
