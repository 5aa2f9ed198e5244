//! A device that gets no time to measure says so, and calls its figures nothing of the server's.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::sleep;

use crate::{
    program::{ends, report, signals, starts},
    stage::Stage,
};

/// The device alone is stopped, again and again, as a machine that is out of cores would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_starved_device_calls_its_run_invalid() {
    let stage = Stage::sound().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let json = format!("json={}", path.display());
    let device = starts(&[
        "--quiet",
        "run",
        &stage.bases[0],
        "--rooms",
        "1",
        "--members",
        "3",
        "--rate",
        "50/s",
        "--duration",
        "1500ms",
        "--threshold",
        "lost == 0",
        "--report",
        &json,
    ]);
    let starves = async {
        loop {
            sleep(Duration::from_millis(50)).await;
            signals(&device, Signal::STOP);
            sleep(Duration::from_millis(300)).await;
            signals(&device, Signal::CONT);
            if path.exists() {
                break;
            }
        }
    };
    starves.await;
    let ended = ends(device).await;
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let report = report(&path);
    let reasons = report.measurement.device.invalid.join("\n");
    for reason in ["the device sent late", "the device's own clock lagged"] {
        assert!(reasons.contains(reason), "{reasons}");
    }
    // Late is all that it was: the server lost nothing.
    assert_eq!(report.measurement.tally.counts.lost, 0);
    assert!(report.verdict.conclusion().starts_with("Invalid"));
}
