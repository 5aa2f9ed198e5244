//! People are registered once, whatever comes between, and their sessions serve the next run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod files;
mod kept;
#[path = "../people/mod.rs"]
mod people;
mod refused;

use std::{
    collections::BTreeSet,
    fs,
    num::NonZeroUsize,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chat_fixtures::{
    client::{Ask, Client},
    launch::Server,
    reach::Reach,
};
use chat_loadtest::accounts::{
    Account, Gathered, NoPeople, Options, Pool, Progress, Registrar, Step,
};
use people::{answer, fake, reference_server};
use tempfile::TempDir;
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;

/// As a run would have it, but quick to try again.
fn quick() -> Options {
    Options {
        jobs: NonZeroUsize::new(4).unwrap(),
        backoff: Duration::from_millis(1),
        ..Options::default()
    }
}

fn registrar(bases: &[&str], options: Options) -> Registrar {
    let bases: Vec<_> = bases.iter().map(|base| (*base).to_owned()).collect();
    Registrar::new(&Reach::default().open(&bases).unwrap(), &bases, options)
}

/// A run of its own: it opens the pool, gathers, and ends.
async fn run(path: &Path, count: usize, base: &str) -> Result<Gathered, NoPeople> {
    Pool::open(Some(path))?
        .at_least(count, &registrar(&[base], quick()), |_| {})
        .await
}

async fn with_server() -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(folder.path(), &[]).await;
    (folder, server)
}

fn names(gathered: &Gathered) -> BTreeSet<String> {
    gathered
        .accounts
        .iter()
        .map(|account| account.username.clone())
        .collect()
}

fn cookies(gathered: &Gathered) -> BTreeSet<String> {
    gathered
        .accounts
        .iter()
        .map(|account| account.cookies.clone())
        .collect()
}

async fn asks(server: &Server, account: &Account, method: &str, path: &str) -> u16 {
    let ask = Ask::new(method, path)
        .header("Cookie", &account.cookies)
        .header("X-CSRFToken", &account.csrf_token);
    Client::new(server.url())
        .unwrap()
        .ask(ask)
        .await
        .unwrap()
        .status
}

#[tokio::test]
async fn as_many_as_were_asked_for_are_registered_at_a_time() {
    // Nobody is answered before all four are there.
    let four = Arc::new(Barrier::new(4));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let base = {
        let (four, now, most) = (four, Arc::clone(&now), Arc::clone(&most));
        fake(move |_| {
            let (four, now, most) = (Arc::clone(&four), Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                four.wait().await;
                now.fetch_sub(1, Ordering::SeqCst);
                answer(200, "Set-Cookie: sessionid=s\r\n", r#"{"id": 1}"#)
            }
        })
        .await
    };
    let gathered = Pool::open(None)
        .unwrap()
        .at_least(8, &registrar(&[&base], quick()), |_| {})
        .await
        .unwrap();
    assert_eq!((gathered.entered, most.load(Ordering::SeqCst)), (8, 4));
}

#[tokio::test]
async fn every_process_registers_its_share() {
    let (folder, server) = with_server().await;
    let counts = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&counts);
    let other = fake(move |_| {
        counting.fetch_add(1, Ordering::Relaxed);
        async { answer(200, "Set-Cookie: sessionid=s\r\n", r#"{"id": 1}"#) }
    })
    .await;
    let mut pool = Pool::open(Some(&folder.path().join("people.json"))).unwrap();
    let gathered = pool
        .at_least(6, &registrar(&[server.url(), &other], quick()), |_| {})
        .await
        .unwrap();
    assert_eq!(gathered.accounts.len(), 6);
    assert_eq!(
        counts.load(Ordering::Relaxed),
        6,
        "three of them, two requests each"
    );
}
