//! Ctrl-C in the middle of a run: it ends in order, and leaves nothing behind but a report.

use std::time::Duration;

use chat_fixtures::{
    client::{Ask, Client},
    launch::free_port,
    reach::Reach,
};
use chat_loadtest::{
    accounts::{Options, Pool, Registrar},
    capacity::Answer,
    measurement::Measurement,
    record,
};
use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::sleep,
};

use crate::{
    program::{ends, report, signals, starts},
    stage::Stage,
};

/// What a run has measured that is told to stop as soon as this count has moved. It leaves nothing behind.
async fn stopped(what: &[&str], when: &str) -> Measurement {
    let stage = Stage::sound().await;
    let base = stage.bases[0].as_str();
    let folder = tempfile::tempdir().unwrap();
    let (record, people) = (
        folder.path().join("run.json"),
        folder.path().join("people.json"),
    );
    let json = format!("json={}", record.display());
    let people_path = people.display().to_string();
    let metrics = format!("127.0.0.1:{}", free_port().unwrap());
    let mut args = vec![
        "run",
        base,
        "--members",
        "3",
        "--rate",
        "50/s",
        "--patience",
        "3s",
        "--report",
        &json,
        "--accounts",
        &people_path,
        "--metrics",
        &metrics,
        // A machine that is busy with other tests is none of this one's business.
        "--max-lateness",
        "30s",
    ];
    args.extend(what);
    let program = starts(&args);
    moves(when, &metrics).await;
    signals(&program, Signal::INT);
    let ended = ends(program).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);

    let report = report(&record);
    let said = report.verdict.conclusion();
    assert!(said.starts_with("Stopped after "), "{said}");
    let run = report.measurement;
    let remarks = run.remarks.join("\n");
    assert!(remarks.contains("stopped before its time"), "{remarks}");
    let counts = &run.tally.counts;
    assert_eq!(
        (counts.lost, counts.failed_requests, counts.broken),
        (0, 0, 0)
    );
    assert!(run.measured_s < 30.0);

    let bases = stage.bases.clone();
    let registrar = Registrar::new(
        &Reach::default().open(&bases).unwrap(),
        &bases,
        Options::default(),
    );
    let mut pool = Pool::open(Some(&people)).unwrap();
    let kept = pool.at_least(6, &registrar, |_| {}).await.unwrap();
    assert_eq!(
        (kept.entered, kept.logged_in),
        (0, 0),
        "all are known still"
    );
    for account in kept.accounts.iter() {
        let ask = Ask::new("GET", "/api/chats/").header("Cookie", &account.cookies);
        let answer = Client::new(base).unwrap().ask(ask).await.unwrap();
        assert_eq!((answer.status, answer.body.as_ref()), (200, &b"[]"[..]));
    }
    run
}

/// Waits until the run has counted some of these.
async fn moves(count: &str, metrics: &str) {
    let count = format!("chat_loadtest_{count}_total");
    let client = Client::new(&format!("http://{metrics}")).unwrap();
    loop {
        let told = client.get("/metrics").await;
        let text = told.map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        let has_moved = text.unwrap_or_default().lines().any(|line| {
            line.starts_with(&count) && line.rsplit(' ').next().is_some_and(|n| n != "0")
        });
        if has_moved {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_stopped_ends_in_order() {
    let run = stopped(&["--rooms", "2", "--duration", "60s"], "delivered").await;
    assert!(run.tally.counts.sent > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_over_time_that_are_stopped_end_in_order() {
    let run = stopped(&["--plan", "2,1s;2,60s"], "delivered").await;
    assert!(run.tally.counts.sent > 0);
}

/// All of its rooms would be open after five minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_that_are_being_opened_are_not_waited_for() {
    let opening = ["--rooms", "300", "--ramp", "1/s", "--people", "6"];
    let run = stopped(&opening, "connected").await;
    assert!((1..300).contains(&run.tally.counts.connected));
    assert_eq!(run.tally.counts.sent, 0);
}

/// A timetable that no device keeps to: what is due is far behind when the signal comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_far_behind_ends_all_the_same() {
    let stage = Stage::sound().await;
    let metrics = format!("127.0.0.1:{}", free_port().unwrap());
    let program = starts(&[
        "--quiet",
        "run",
        &stage.bases[0],
        "--rooms",
        "1",
        "--members",
        "2",
        "--rate",
        "1000000/s",
        "--duration",
        "1h",
        "--patience",
        "1s",
        "--metrics",
        &metrics,
    ]);
    moves("due", &metrics).await;
    signals(&program, Signal::TERM);
    // A second for the drain; the code is 1 or 2, as the device was late or the server was.
    let code = ends(program).await.code;
    assert!(matches!(code, Some(1 | 2)), "{code:?}");
}

/// What the search has by then is its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_is_stopped_says_at_least() {
    let stage = Stage::sound().await;
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("search.json");
    let json = format!("json={}", record.display());
    let mut program = starts(&[
        "capacity",
        &stage.bases[0],
        "--rooms",
        "1",
        "--members",
        "2",
        "--start",
        "5/s",
        "--probe",
        "1s",
        "--report",
        &json,
        // A machine that is busy with other tests is none of this one's business.
        "--slo",
        "lost == 0",
        "--max-lateness",
        "30s",
    ]);
    let told = program.stderr.take().unwrap();
    let mut told = BufReader::new(told).lines();
    while let Some(line) = told.next_line().await.unwrap() {
        if line.contains("probe 1, trying: 5/s") && line.contains("held") {
            break;
        }
    }
    signals(&program, Signal::INT);
    assert_eq!(ends(program).await.code, Some(2));
    let finding = record::finding(&record).unwrap();
    assert_eq!(finding.answer, Answer::Interrupted);
    assert!(finding.capacity.is_some(), "{}", finding.sentence);
    let said = "Broken off. So far: at least ";
    assert!(finding.sentence.starts_with(said), "{}", finding.sentence);
}
