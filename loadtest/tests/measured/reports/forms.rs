//! What each form of a run's report says.

use super::*;

#[test]
fn the_terminal_says_the_verdict_first_and_where_to_look_last() {
    let text = terminal::render(&failed());
    assert!(
        text.starts_with("✗ Failed: 3 of 4 limits that were set are missed. (exit code 1)\n"),
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
    let mut throttled = healthy();
    throttled.servers[1].quota = Some(throttled.servers[1].cpu_s / throttled.measured_s);
    assert!(next(throttled).contains("pid 4712 used 100 % of its CPU quota of "));
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
    let schema = Schema::of(include_str!("../../../src/report.schema.json"));
    let ruled = of_goose(healthy(), &[("avg<5s", Some("812ms"), true)]);
    for report in [passed(), failed(), useless(), hostile(), nothing(), ruled] {
        let text = Format::Json.render(&report);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema.refuses(&document), None);
    }
    let read = |report: &Report| json::read(&json::render(report)).unwrap();
    assert!(read(&passed()) == passed());
    assert!(read(&useless()).measurement == useless().measurement);
    let mut wrong: Value = serde_json::from_str(&json::render(&passed())).unwrap();
    wrong["verdict"]["exit_code"] = 3.into();
    assert!(schema.refuses(&wrong).is_some());
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
    assert_eq!(
        format!("{error:#}"),
        format!(
            "cannot write a report to {}: No such file or directory (os error 2)",
            folder.path().join("no/such/folder.json").display()
        )
    );
    let twice: Vec<ReportTo> = ["json", "html"]
        .map(|format| format.parse().unwrap())
        .into();
    assert!(Outputs::open(&twice, true, ColorChoice::Never).is_err());
}
