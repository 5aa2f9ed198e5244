//! What the server's processes cost, seen from outside: those of this machine, and those behind a URL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod people;

use std::{
    process::{Child, Command},
    sync::atomic::{AtomicU32, Ordering},
};

use chat_fixtures::{client::Client, launch::free_port, reach::Reach};
use chat_loadtest::cost::{Sampler, Source};
use people::{answer, fake, reference_server};

/// A process that ends with the test, whatever it was about to do.
struct Busy(Child);

impl Busy {
    fn shell(script: &str) -> Self {
        Self(Command::new("sh").args(["-c", script]).spawn().unwrap())
    }

    fn source(&self) -> Source {
        Source::Pid(self.0.id())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn begin(sources: &[Source]) -> Sampler {
    Sampler::begin(sources, &Reach::default()).await
}

/// Looks until a process was seen to have used some CPU.
async fn until_it_was_busy(sampler: &mut Sampler) {
    while sampler.sample().await[0] == 0.0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_process_is_told_with_its_cpu_its_memory_and_its_busiest_thread() {
    let busy = Busy::shell("while :; do :; done");
    // One that has only just begun has no memory yet.
    until_it_was_busy(&mut begin(&[busy.source()]).await).await;
    let mut sampler = begin(&[busy.source()]).await;
    sampler.starts_measuring().await;
    until_it_was_busy(&mut sampler).await;
    let cost = sampler.end().await.remove(0);
    assert_eq!(cost.name, format!("pid {} (sh)", busy.0.id()));
    assert!(cost.cpu_s > 0.0 && cost.busiest > 0.0, "{cost:?}");
    assert!(
        cost.memory > 1 << 16 && cost.memory_before > 1 << 16,
        "{cost:?}"
    );
    assert_eq!(cost.remark, None);
}

#[tokio::test]
async fn what_it_has_started_counts_too_and_what_has_ended_stays_counted() {
    // The shell itself does nothing but wait for its children, one after the other.
    let one = "sh -c 'n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done'";
    let busy = Busy::shell(&format!("while :; do {one} & wait; done"));
    let mut sampler = begin(&[busy.source()]).await;
    sampler.starts_measuring().await;
    for _ in 0..20 {
        until_it_was_busy(&mut sampler).await;
    }
    let cost = sampler.end().await.remove(0);
    assert!(cost.cpu_s > 0.195, "{cost:?}");
}

#[tokio::test]
async fn what_was_used_before_measuring_does_not_count() {
    let busy = Busy::shell("n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done; kill -STOP $$");
    let mut sampler = begin(&[busy.source()]).await;
    until_it_was_busy(&mut sampler).await;
    let stat = format!("/proc/{}/stat", busy.0.id());
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        tokio::task::yield_now().await;
    }
    sampler.starts_measuring().await;
    assert_eq!(sampler.sample().await, [0.0]);
    let cost = sampler.end().await.remove(0);
    assert_eq!((cost.cpu_s, cost.busiest), (0.0, 0.0));
}

#[tokio::test]
async fn a_process_that_ends_is_remarked_and_what_it_used_stays() {
    let mut busy = Busy::shell("while :; do :; done");
    let mut sampler = begin(&[busy.source()]).await;
    sampler.starts_measuring().await;
    until_it_was_busy(&mut sampler).await;
    busy.0.kill().unwrap();
    busy.0.wait().unwrap();
    assert_eq!(sampler.sample().await, [0.0]);
    let cost = sampler.end().await.remove(0);
    assert!(cost.cpu_s > 0.0, "{cost:?}");
    let remark = cost.remark.unwrap();
    assert!(
        remark.contains("no process") && remark.contains("is not counted"),
        "{remark}"
    );
}

#[tokio::test]
async fn a_process_that_never_was_is_remarked_and_the_others_go_on() {
    let busy = Busy::shell("while :; do :; done");
    let mut sampler = begin(&[busy.source(), Source::Pid(u32::MAX), Source::Pid(0)]).await;
    sampler.starts_measuring().await;
    until_it_was_busy(&mut sampler).await;
    let costs = sampler.end().await;
    assert_eq!(costs[0].remark, None);
    for cost in &costs[1..] {
        assert!(
            cost.remark
                .as_ref()
                .unwrap()
                .contains("there is no process"),
            "{cost:?}"
        );
        assert_eq!((cost.cpu_s, cost.memory), (0.0, 0));
    }
}

#[tokio::test]
async fn metrics_tell_what_came_between_two_looks() {
    let looks = AtomicU32::new(0);
    let base = fake(move |request| {
        assert_eq!(request.line, "GET /metrics?a=b");
        let look = looks.fetch_add(1, Ordering::Relaxed);
        // 100 s were used before; the third look fails; 1 s is used between any two.
        let (cpu, memory) = (100 + look, [50, 60, 0, 90, 70][look as usize]);
        let text =
            format!("process_cpu_seconds_total {cpu}.5\nprocess_resident_memory_bytes {memory}\n");
        async move { answer(if look == 2 { 503 } else { 200 }, "", &text) }
    })
    .await;
    let url = base.replace("http://", "http://me:hunter2@");
    let url = format!("{url}/metrics?a=b").parse().unwrap();
    let mut sampler = begin(&[Source::Metrics(url)]).await;
    sampler.starts_measuring().await;
    sampler.sample().await;
    assert!(sampler.sample().await[0] > 0.0);
    let cost = sampler.end().await.remove(0);
    assert_eq!((cost.cpu_s, cost.memory_before, cost.memory), (3.0, 50, 90));
    assert!(cost.busiest > 0.0);
    assert!(cost.remark.unwrap().contains("answered with 503"));
    assert_eq!(
        cost.name,
        format!("{base}/metrics?a=b"),
        "nobody's password"
    );
}

#[tokio::test]
async fn metrics_that_cannot_be_read_are_remarked() {
    let page = fake(|_| async { answer(200, "", "<html>\n") }).await;
    let negative = fake(|_| async { answer(200, "", "process_cpu_seconds_total NaN\n") }).await;
    let gone = format!("http://127.0.0.1:{}", free_port().unwrap());
    for (url, said) in [
        (
            page,
            "line 1 of the metrics is not in Prometheus' text format",
        ),
        (negative, "process_cpu_seconds_total is NaN"),
        (gone, "onnect"),
    ] {
        let sampler = begin(&[Source::Metrics(url.parse().unwrap())]).await;
        let cost = sampler.end().await.remove(0);
        assert!(cost.remark.as_ref().unwrap().contains(said), "{cost:?}");
    }
}

#[tokio::test]
async fn the_reference_server_is_seen_by_its_process_id_and_by_its_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let admin = format!("127.0.0.1:{}", free_port().unwrap());
    let server = reference_server(folder.path(), &["--admin", &admin]).await;
    let metrics = Source::Metrics(format!("http://{admin}/metrics").parse().unwrap());
    let mut sampler = begin(&[Source::Pid(server.pid().unwrap()), metrics]).await;
    sampler.starts_measuring().await;
    let client = Client::new(server.url()).unwrap();
    let mut is_seen = [false; 2];
    while is_seen != [true; 2] {
        assert_eq!(client.get("/api/me/").await.unwrap().status, 403);
        let cores = sampler.sample().await;
        is_seen = [0, 1].map(|source| is_seen[source] || cores[source] > 0.0);
    }
    for cost in sampler.end().await {
        assert!(cost.cpu_s > 0.0 && cost.memory > 1 << 20, "{cost:?}");
        assert_eq!(cost.remark, None);
    }
}
