//! What the files of runs say is read whole, or refused clearly.

use super::*;

/// What is counted and timed at once is the same in every run.
#[test]
fn a_record_that_contradicts_itself_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    for (change, said) in [
        (
            (|tally| tally.counts.delivered = 5000) as fn(&mut Tally),
            "the record is damaged: `delivered` has 5000, and the times of delivery 2",
        ),
        (
            |tally| tally.counts.own_echoes = 1,
            "`own_echoes` has 1, and the times of own-echo 0",
        ),
        (
            |tally| tally.counts.requests = 1,
            "`requests` has 1, and the times of requests 2",
        ),
        (
            |tally| tally.counts.failed_requests = 1,
            "`failed_requests` has 1, and the requests by status 2",
        ),
        (
            |tally| tally.counts.lost = 3,
            "`lost` has 3, and its processes 0",
        ),
        (
            |tally| tally.counts.sent = 9,
            "`sent` has 9, and its processes 2",
        ),
    ] {
        let mut run = part(&[10, 20]);
        change(&mut run.tally);
        fs::write(&path, serde_json::to_string(&run).unwrap()).unwrap();
        let error = record::measurement(&path).unwrap_err().to_string();
        assert!(error.ends_with(said), "{error}");
    }
}

#[test]
fn a_report_and_a_bare_measurement_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let run = part(&[10, 20]);
    fs::write(&path, serde_json::to_string_pretty(&run).unwrap()).unwrap();
    assert_eq!(record::measurement(&path).unwrap(), run);
    let report = serde_json::json!({"tool": "chat-loadtest", "measurement": run, "verdict": {}});
    fs::write(&path, report.to_string()).unwrap();
    assert_eq!(record::measurement(&path).unwrap(), run);
}

#[test]
fn what_cannot_be_read_is_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        let path = folder.path().join("run.json");
        fs::write(&path, text).unwrap();
        let error = record::measurement(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(told("{\n\"tool\": }"), "run.json:2: this is no JSON");
    assert_eq!(told(""), "run.json:1: this is no JSON");
    let missing = told("{\n\"measurement\":\n{\"targets\": 7}}");
    assert!(
        missing.starts_with("run.json:3: this is not the JSON report of a run"),
        "{missing}"
    );
    assert_eq!(
        told("[1]"),
        "run.json: this is no report of this tool; expected the JSON report of a run"
    );
    assert!(told("{\"finding\": {}}").contains("this is the report of a capacity search"));

    let mut run = part(&[]);
    run.tally.counts.lost = u64::MAX;
    let overflow = told(&serde_json::to_string(&run).unwrap());
    assert_eq!(
        overflow,
        "run.json: lost is 18446744073709551615, which no run can have"
    );
    let report = serde_json::json!({"version": 2, "measurement": part(&[])}).to_string();
    assert_eq!(
        told(&report),
        "run.json: it is of version 2, and this program reads version 1"
    );
    let nowhere = record::measurement(Path::new("/nowhere.json"));
    assert!(matches!(nowhere, Err(RecordError::Read { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// What is written is read back whole, histograms included.
    #[test]
    fn a_written_run_is_read_whole(times in prop::collection::vec(1_u64..3_000_000_000, 0..50)) {
        let run = part(&times);
        let text = serde_json::to_string(&run).unwrap();
        prop_assert_eq!(serde_json::from_str::<Measurement>(&text).unwrap(), run);
    }
}
