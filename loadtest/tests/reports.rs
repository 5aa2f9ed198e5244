//! A run that passed, one that failed and one that was invalid, told in every form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::PathBuf;

use chat_fixtures::output::Outputs;
use chat_loadtest::{
    measurement::{Device, Load, Measurement, Pace, Second, ServerCost, Worker},
    metric::Metric,
    report::{FORMATS, Format, Report, ReportTo, hdr, json, prometheus, terminal},
    tally::{Counts, Requests, Tally},
    threshold::Thresholds,
    verdict::judge,
};
use clap::ColorChoice;
use hdrhistogram::serialization::{
    Deserializer,
    interval_log::{IntervalLogIterator, LogEntry},
};
use serde_json::Value;

/// A minute of 20 rooms of 10 members on two processes, as a deployment in good health shows it.
fn healthy() -> Measurement {
    let mut tally = Tally::of(2);
    let mut seconds = Vec::new();
    for at in -5..60 {
        let mut second = Second {
            at,
            connections: (200 * u64::try_from(at + 6).unwrap_or(0) / 6).min(200),
            ..Second::default()
        };
        if at >= 0 {
            let wave = u64::try_from(at * 7 % 5).unwrap_or(0);
            second.due = 200;
            second.sent = 200;
            second.delivered = 1_800;
            second.p50_us = Some(2_900 + 60 * wave);
            second.p99_us = Some(14_000 + 900 * wave);
            second.max_us = Some(24_000 + 4_100 * wave);
            second.lateness_p99_us = Some(180 + 10 * wave);
            second.device_busy = 0.2;
        }
        seconds.push(second);
    }
    for n in 0..108_000_u64 {
        let tail = if n % 1_000 == 0 {
            30_000
        } else if n % 50 == 0 {
            9_000
        } else {
            0
        };
        let (metric, micros) = if n % 9 < 4 {
            (Metric::SameProcess, 2_100 + n % 1_700 + tail)
        } else {
            (Metric::OtherProcess, 3_000 + n % 2_600 + tail)
        };
        tally.record(metric, micros);
        tally.record(Metric::Service, micros - 150);
        tally.processes[usize::from(n % 2 == 1)]
            .heard
            .record(micros);
        if n % 9 == 0 {
            tally.record(Metric::OwnEcho, 1_800 + n % 900);
            tally.record(Metric::FanOut, micros + 1_900);
            tally.record(Metric::Lateness, 60 + n % 140);
        }
    }
    for n in 0..200 {
        tally.record(Metric::Connect, 3_000 + 40 * n);
        let login = tally
            .requests
            .entry("POST /api/login/".to_owned())
            .or_default();
        login.times.record(240_000 + 500 * n);
    }
    for process in &mut tally.processes {
        process.sent = 6_000;
    }
    tally.counts = Counts {
        due: 12_000,
        sent: 12_000,
        own_echoes: 12_000,
        delivered: 108_000,
        in_history: 600,
        connected: 200,
        requests: 200,
        ..Counts::default()
    };
    let server = |name: &str, cpu_s| ServerCost {
        name: name.to_owned(),
        cpu_s,
        memory: 48 << 20,
        memory_before: 41 << 20,
        remark: None,
        busiest: 0.0,
    };
    Measurement {
        load: Load {
            scenario: "live".to_owned(),
            rooms: 20,
            members: 10,
            senders: 10,
            payload: 64,
            pace: Pace::Poisson { per_second: 200.0 },
            seed: 7,
            processes: 2,
            label: None,
        },
        targets: vec![
            "http://10.0.0.1:8001".to_owned(),
            "http://10.0.0.2:8002".to_owned(),
        ],
        began: "2026-11-23T03:46:39Z".to_owned(),
        measured_s: 60.0,
        tally,
        seconds,
        device: Device {
            threads: 2,
            cpu_s: 9.4,
            busiest: 0.11,
            memory: 31 << 20,
            memory_before: 29 << 20,
            connections: 200,
            machine: "2 × Xeon 2.8 GHz, 15.6 GiB".to_owned(),
            ..Device::default()
        },
        servers: vec![server("pid 4711", 14.2), server("pid 4712", 15.1)],
        workers: Vec::new(),
        remarks: Vec::new(),
    }
}

/// The same with a stall, loss and a slow channel layer.
fn failing() -> Measurement {
    let mut run = healthy();
    for n in 0..4_000 {
        run.tally.record(Metric::OtherProcess, 400_000 + 300 * n);
    }
    run.tally.counts.delivered = 111_788;
    run.tally.counts.lost = 212;
    run.tally.counts.repeated = 3;
    run.tally.counts.failed_requests = 12;
    run.tally.processes[0].lost = 101;
    run.tally.processes[1].lost = 111;
    let login = run.tally.requests.get_mut("POST /api/login/").unwrap();
    login.failures.extend([(503, 11), (0, 1)]);
    for second in &mut run.seconds {
        if (37..41).contains(&second.at) {
            second.p50_us = Some(210_000);
            second.p99_us = Some(1_100_000);
            second.max_us = Some(1_600_000);
            second.wrong = 54;
        }
        if second.at == 36 {
            (
                second.delivered,
                second.p50_us,
                second.p99_us,
                second.max_us,
            ) = (0, None, None, None);
        }
    }
    run.remarks
        .push("second 36: nothing arrived for 1.1 s".to_owned());
    run
}

/// The failing one, on a device that was late itself.
fn invalid() -> Measurement {
    let mut run = failing();
    for n in 0..3_000 {
        run.tally.record(Metric::Lateness, 90_000 + 10 * n);
    }
    run.device.busiest = 0.99;
    run.device.invalid =
        vec!["the device sent 20.1 % of the messages more than 10 ms late".to_owned()];
    for second in &mut run.seconds {
        second.lateness_p99_us = second.lateness_p99_us.map(|late| late * 500);
    }
    run.workers = vec![
        Worker {
            name: "w1".to_owned(),
            sent: 6_000,
            delivered: 55_788,
            ended: None,
        },
        Worker {
            name: "w2".to_owned(),
            sent: 6_000,
            delivered: 56_000,
            ended: Some("lost half-way, last heard of at second 14".to_owned()),
        },
    ];
    run
}

/// A healthy one, but for a device that was late: all that is slow may be its own.
fn late() -> Measurement {
    let mut run = healthy();
    for _ in 0..3_000 {
        run.tally.record(Metric::OtherProcess, 400_000);
    }
    run.device.invalid = vec!["the device sent late".to_owned()];
    run
}

fn report(run: Measurement, limits: &str) -> Report {
    let limits: Thresholds = limits.parse().unwrap();
    let verdict = judge(&run, &limits.0);
    let command =
        "chat-loadtest run http://10.0.0.1:8001 http://10.0.0.2:8002 --scenario live --rate 200/s";
    Report::of(run, verdict, command.to_owned())
}

const LIMITS: &str =
    "delivery p99 < 250ms, lost == 0, failed_requests ratio < 1%, delivered per second > 1500";

fn passed() -> Report {
    report(healthy(), LIMITS)
}

fn failed() -> Report {
    report(failing(), LIMITS)
}

fn useless() -> Report {
    report(invalid(), LIMITS)
}

/// A run whose every text might harm a reader.
fn hostile() -> Report {
    let harm = "</script></svg></title><script>alert(1)</script>\u{1b}[2J\0\u{202e}\n]]>\"'<b>&\\";
    let mut run = failing();
    run.load.scenario = harm.to_owned();
    run.load.label = Some(harm.to_owned());
    run.targets = vec![harm.to_owned(), format!("2{harm}")];
    run.remarks = vec![harm.to_owned()];
    run.device.machine = harm.to_owned();
    run.servers[0].name = harm.to_owned();
    run.servers[0].remark = Some(harm.to_owned());
    run.device.invalid = vec![harm.to_owned()];
    run.tally
        .requests
        .insert(harm.to_owned(), Requests::default());
    run.tally.requests.get_mut(harm).unwrap().times.record(5);
    run.workers = vec![Worker {
        name: harm.to_owned(),
        sent: 1,
        delivered: 1,
        ended: Some(harm.to_owned()),
    }];
    let mut report = report(run, LIMITS);
    report.command = harm.to_owned();
    report.tool = harm.to_owned();
    report
}

/// A run in which nothing happened at all.
fn nothing() -> Report {
    let mut run = healthy();
    run.tally = Tally::default();
    run.seconds.clear();
    run.targets.clear();
    run.servers.clear();
    run.measured_s = 0.0;
    run.device = Device::default();
    report(run, LIMITS)
}

#[test]
fn the_exit_code_follows_the_limits_and_a_late_device_takes_back_what_it_may_have_caused() {
    let codes = [passed(), failed(), report(late(), LIMITS), useless()];
    assert_eq!(codes.map(|report| report.verdict.exit_code), [0, 1, 4, 1]);
    assert_eq!(
        passed().verdict.conclusion(),
        "Passed: all 4 limits are kept."
    );
    assert_eq!(
        failed().verdict.conclusion(),
        "Failed: 3 of 4 limits are missed."
    );
    assert_eq!(
        report(late(), LIMITS).verdict.conclusion(),
        "Invalid: the device sent late. So these are no figures of the server; as they are, 1 of 4 limits is missed."
    );
    // Nothing is lost because somebody sends late.
    let both = useless().verdict.conclusion();
    assert!(
        both.starts_with("Failed: 3 of 4 limits are missed. The device was not fit either")
            && both.contains("the device sent 20.1 %"),
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
        "Failed: the load was not carried: 190 of 390 connections could not be opened; all 4 limits are kept."
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
        let all = format!("Failed: the load was not carried: {said}; the limit is kept.");
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
            "Stopped after 4 s of 30 s: nothing is decided; so far, all 4 limits are kept."
                .to_owned()
        )
    );
    assert_eq!(
        told(failing()),
        (
            1,
            "Failed: 3 of 4 limits are missed. It was stopped after 4 s of 30 s.".to_owned()
        )
    );
    assert_eq!(stopped(late()).exit_code, 2, "it may have been the device");
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

#[test]
fn the_terminal_says_the_verdict_first_and_where_to_look_last() {
    let text = terminal::render(&failed());
    assert!(
        text.starts_with("✗ Failed: 3 of 4 limits are missed. (exit code 1)\n"),
        "{text}"
    );
    assert!(
        text.contains("✗ missed  lost == 0                       measured: 212\n"),
        "{text}"
    );
    assert!(
        text.contains("212 lost (0.171 % of what was owed)"),
        "{text}"
    );
    assert!(text.contains("12 requests failed"), "{text}");
    assert!(
        text.contains(
            "none           too late, out of order, leaked, altered, missing in the history,"
        ),
        "{text}"
    );
    assert!(
        text.lines().last().unwrap().contains("channel layer") || text.contains("\nNext: "),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colour was asked for");
    assert!(terminal::render_coloured(&failed()).contains("\u{1b}[31m"));
}

#[test]
fn what_to_look_at_next_follows_from_the_figures() {
    let next = |run: Measurement| {
        let told: Value = serde_json::from_str(&json::render(&report(run, LIMITS))).unwrap();
        told["look_next"].as_str().unwrap().to_owned()
    };
    assert!(next(healthy()).contains("Nothing stands out"));
    assert!(next(late()).contains("Look at the device first"));
    assert!(next(failing()).contains("the channel layer's queues"));
    let mut slow = healthy();
    for _ in 0..3_000 {
        slow.tally.record(Metric::OtherProcess, 400_000);
    }
    assert!(next(slow).contains("channel layer between the processes"));
    let mut busy = healthy();
    busy.servers[1].busiest = 0.983;
    assert!(next(busy).contains("pid 4712 was busy for 98 % of a core's time"));
    let mut uneven = failing();
    (
        uneven.tally.processes[0].lost,
        uneven.tally.processes[1].lost,
    ) = (2, 210);
    assert!(next(uneven).contains("99.06 % of what was lost was lost by http://10.0.0.2:8002"));
    let mut stalled = healthy();
    stalled.seconds[20].max_us = Some(2_000_000);
    assert!(next(stalled).contains("In second 15 a delivery took 2 s"));
}

#[test]
fn json_keeps_to_the_schema_and_comes_back_whole() {
    let schema: Value = serde_json::from_str(include_str!("../src/report.schema.json")).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("report.schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler
        .compile("report.schema.json", &mut schemas)
        .unwrap();
    for report in [passed(), failed(), useless(), hostile(), nothing()] {
        let text = Format::Json.render(&report);
        let document: Value = serde_json::from_str(&text).unwrap();
        schemas
            .validate(&document, schema)
            .map_err(|error| format!("{error:#}"))
            .unwrap();
    }
    let read = |report: &Report| json::read(&json::render(report)).unwrap();
    assert!(read(&passed()) == passed());
    assert!(read(&useless()).measurement == useless().measurement);
    let mut wrong: Value = serde_json::from_str(&json::render(&passed())).unwrap();
    wrong["verdict"]["exit_code"] = 3.into();
    assert!(schemas.validate(&wrong, schema).is_err());
    wrong["version"] = 2.into();
    let error = json::read(&wrong.to_string()).unwrap_err().to_string();
    assert_eq!(error, "it is of version 2; this program reads version 1");
    assert!(
        json::read("{}")
            .unwrap_err()
            .to_string()
            .contains("--report json=PATH")
    );
}

#[test]
fn junit_has_a_case_for_each_limit_and_agrees_with_the_exit_code() {
    let cases = |report: &Report| {
        let xml = Format::Junit.render(report);
        let count = |what: &str| xml.matches(what).count();
        (
            count("<testcase"),
            count("<failure"),
            count("<error"),
            count("<skipped"),
        )
    };
    assert_eq!(cases(&passed()), (10, 0, 0, 0), "four hold of every run");
    assert_eq!(
        cases(&failed()),
        (10, 4, 0, 0),
        "three limits, and the integrity that one of them asks about"
    );
    assert_eq!(cases(&useless()), (10, 4, 1, 0));
    let tolerated = report(failing(), "lost < 213, failed_requests < 13");
    assert_eq!(
        cases(&tolerated),
        (8, 0, 0, 1),
        "what no limit asks about fails neither run nor case"
    );
    assert!(Format::Junit.render(&tolerated).contains("212 lost"));
}

#[test]
fn the_log_holds_every_time_for_the_tools_of_hdrhistogram() {
    let report = passed();
    let log = hdr::render(&report);
    assert!(
        log.starts_with("#[Histogram log format version 1.3]\n"),
        "{log}"
    );
    assert!(
        log.contains("#[StartTime: 1795405599.000 (seconds since epoch)]\n"),
        "{log}"
    );
    let mut tags = Vec::new();
    for entry in IntervalLogIterator::new(log.as_bytes()) {
        let LogEntry::Interval(interval) = entry.expect("a line that can be read") else {
            continue;
        };
        let tag = interval.tag().unwrap().as_str().to_owned();
        assert_eq!(
            (
                interval.start_timestamp().as_secs(),
                interval.duration().as_secs()
            ),
            (0, 60)
        );
        if tag == "delivery" {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(interval.encoded_histogram())
                .unwrap();
            let read: hdrhistogram::Histogram<u64> =
                Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
            assert_eq!(read.len(), 108_000);
            assert_eq!(
                Some(read.value_at_quantile(0.99)),
                report.measurement.tally.delivery().at(0.99)
            );
        }
        tags.push(tag);
    }
    assert_eq!(
        tags,
        [
            "delivery",
            "own-echo",
            "same-process",
            "other-process",
            "fan-out",
            "service",
            "connect",
            "lateness",
            "POST_/api/login/"
        ]
    );
}

#[test]
fn prometheus_reads_every_line() {
    for report in [passed(), hostile(), nothing()] {
        let text = prometheus::render(&report);
        for line in text.lines() {
            let is_comment = line.starts_with("# HELP chat_loadtest_")
                || line.starts_with("# TYPE chat_loadtest_");
            let value = line.rsplit_once(' ').unwrap().1;
            assert!(
                is_comment || (line.starts_with("chat_loadtest_") && value.parse::<f64>().is_ok()),
                "{line:?}"
            );
        }
    }
    let text = prometheus::render(&failed());
    for line in [
        "# TYPE chat_loadtest_lost_total counter",
        "chat_loadtest_lost_total 212",
        "chat_loadtest_connections 200",
        "chat_loadtest_latency_seconds_count{kind=\"delivery\"} 112000",
        "chat_loadtest_request_failures_total{request=\"POST /api/login/\",status=\"503\"} 11",
        "chat_loadtest_process_lost_total{target=\"http://10.0.0.2:8002\"} 111",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside_and_draws_all_there_is() {
    let page = Format::Html.render(&failed());
    for outside in [
        "http-equiv",
        "<script",
        "<link",
        "<img",
        "src=",
        "url(",
        "@import",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Six charts, each for a desktop and for a phone.
    assert_eq!(page.matches("<svg class=\"chart ").count(), 12);
    assert!(page.contains("limit: delivery p99 &lt; 250ms"));
    assert_eq!(
        page.matches("class=\"flag\" d=\"M").count(),
        1 + 2 * 4,
        "four seconds of loss, and the key"
    );
    assert!(!Format::Html.render(&nothing()).contains("class=\"chart "));
}

/// At the end everybody leaves, which is no step down that anybody has to look into.
#[test]
fn the_chart_of_connections_ends_with_the_run() {
    let mut run = healthy();
    let chart = |run: Measurement| {
        let page = Format::Html.render(&report(run, LIMITS));
        let (_, chart) = page.split_once("<h3>Connections</h3>").unwrap();
        chart.split_once("</figure>").unwrap().0.to_owned()
    };
    let before = chart(run.clone());
    for at in 60..63 {
        run.seconds.push(Second {
            at,
            ..Second::default()
        });
    }
    assert_eq!(chart(run.clone()), before);
    run.seconds[40].connections = 150;
    assert_ne!(chart(run), before);
}

#[test]
fn nothing_that_comes_from_elsewhere_is_markup_or_moves_a_cursor() {
    for row in FORMATS {
        let text = row.format.render(&hostile());
        assert!(!text.is_empty());
        if matches!(row.format, Format::Html | Format::Junit) {
            assert!(
                !text.contains("<script") && !text.contains("<b>"),
                "{}",
                row.name
            );
        }
        for c in ['\u{1b}', '\0', '\u{202e}'] {
            // JSON and Prometheus are for programs, which take a text as it is.
            let is_for_people = !matches!(row.format, Format::Json | Format::Prometheus);
            assert!(
                !is_for_people || !text.contains(c),
                "{} has {c:?}",
                row.name
            );
        }
    }
}

#[test]
fn reports_replace_their_files_when_the_run_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let to = |format: &str, name: &str| -> ReportTo {
        let path: PathBuf = folder.path().join(name);
        format!("{format}={}", path.display()).parse().unwrap()
    };
    let reports = [to("json", "run.json"), to("html", "run.html")];
    let outputs = Outputs::open(&reports, true, ColorChoice::Never).unwrap();
    assert!(
        !folder.path().join("run.json").exists(),
        "not before the run is over"
    );
    passed().write_to(outputs).unwrap();
    let text = std::fs::read_to_string(folder.path().join("run.json")).unwrap();
    assert!(json::read(&text).unwrap() == passed());

    let nowhere = [to("json", "no/such/folder.json")];
    let error = Outputs::open(&nowhere, true, ColorChoice::Never).unwrap_err();
    assert!(
        format!("{error:#}").contains("cannot write a report to"),
        "{error:#}"
    );
    let twice: Vec<ReportTo> = ["json", "html"]
        .map(|format| format.parse().unwrap())
        .into();
    assert!(Outputs::open(&twice, true, ColorChoice::Never).is_err());
}

/// `PAGES=/tmp cargo test -p chat-loadtest --test reports -- --ignored` writes every report into that folder.
#[test]
#[ignore = "for people who want to look at the reports"]
fn pages_to_look_at() {
    let folder = std::env::var_os("PAGES").map_or_else(std::env::temp_dir, PathBuf::from);
    for (name, report) in [
        ("passed", passed()),
        ("failed", failed()),
        ("invalid", useless()),
        ("hostile", hostile()),
    ] {
        for row in FORMATS {
            std::fs::write(
                folder.join(format!("{name}.{}", row.name)),
                row.format.render(&report),
            )
            .unwrap();
        }
    }
}
