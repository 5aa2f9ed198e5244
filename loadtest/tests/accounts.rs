//! People are registered once, whatever comes between, and their sessions serve the next run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod people;

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
async fn people_are_registered_once_and_their_sessions_serve_the_next_run() {
    let (folder, server) = with_server().await;
    let path = folder.path().join("people.json");

    let first = run(&path, 12, server.url()).await.unwrap();
    assert_eq!((first.entered, first.logged_in), (12, 0));
    assert_eq!(names(&first).len(), 12);
    assert!(
        first
            .accounts
            .iter()
            .all(|account| account.username.starts_with("load-") && account.id > 0)
    );
    for account in first.accounts.iter() {
        assert_eq!(asks(&server, account, "GET", "/api/me/").await, 200);
        let chat = Ask::new("POST", "/api/chats/")
            .header("Cookie", &account.cookies)
            .header("X-CSRFToken", &account.csrf_token)
            .body("application/json", r#"{"name": "a chat"}"#);
        assert_eq!(
            Client::new(server.url())
                .unwrap()
                .ask(chat)
                .await
                .unwrap()
                .status,
            201
        );
    }
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "there are passwords in it");

    let second = run(&path, 12, server.url()).await.unwrap();
    assert_eq!((second.entered, second.logged_in), (0, 0));
    assert_eq!(cookies(&second), cookies(&first));

    let more = run(&path, 15, server.url()).await.unwrap();
    assert_eq!((more.entered, more.logged_in), (3, 0));
    assert!(names(&more).is_superset(&names(&first)));
    let fewer = run(&path, 2, server.url()).await.unwrap();
    assert_eq!((fewer.accounts.len(), fewer.entered), (2, 0));
}

#[tokio::test]
async fn those_whose_session_ended_log_in_again_and_nobody_else() {
    let (folder, server) = with_server().await;
    let path = folder.path().join("people.json");
    let before = run(&path, 6, server.url()).await.unwrap();
    for gone in [1, 4] {
        assert_eq!(
            asks(&server, &before.accounts[gone], "POST", "/api/logout/").await,
            200
        );
    }

    let after = run(&path, 6, server.url()).await.unwrap();
    assert_eq!((after.entered, after.logged_in), (0, 2));
    for (n, (was, is)) in before
        .accounts
        .iter()
        .zip(after.accounts.iter())
        .enumerate()
    {
        assert_eq!((was.id, &was.username), (is.id, &is.username));
        assert_eq!(was.cookies == is.cookies, ![1, 4].contains(&n), "{n}");
        assert_eq!(asks(&server, is, "GET", "/api/me/").await, 200);
    }
}

#[tokio::test]
async fn of_many_sessions_a_sample_is_tried_and_all_when_one_of_it_has_ended() {
    let live = Arc::new(Mutex::new(true));
    let asked = Arc::new(AtomicUsize::new(0));
    let base = {
        let (live, asked) = (Arc::clone(&live), Arc::clone(&asked));
        fake(move |request| {
            let status = match request.line.as_str() {
                "GET /api/me/" => {
                    asked.fetch_add(1, Ordering::Relaxed);
                    if *live.lock().unwrap() { 200 } else { 403 }
                }
                _ => 200,
            };
            async move { answer(status, "Set-Cookie: sessionid=s\r\n", r#"{"id": 1}"#) }
        })
        .await
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    run(&path, 700, &base).await.unwrap();
    assert_eq!(asked.swap(0, Ordering::Relaxed), 0);

    assert_eq!(run(&path, 700, &base).await.unwrap().logged_in, 0);
    assert_eq!(asked.swap(0, Ordering::Relaxed), 500);

    *live.lock().unwrap() = false;
    assert_eq!(run(&path, 700, &base).await.unwrap().logged_in, 700);
    assert_eq!(asked.swap(0, Ordering::Relaxed), 500 + 700);
}

#[tokio::test]
async fn a_run_that_is_broken_off_loses_nobody() {
    let (folder, server) = with_server().await;
    let path = folder.path().join("people.json");
    let killed = folder.path().join("killed.json");
    let enough = CancellationToken::new();
    let mut pool = Pool::open(Some(&path)).unwrap();
    let registrar = registrar(&[server.url()], quick());
    let mut done = 0;
    tokio::select! {
        biased;
        () = enough.cancelled() => {}
        _ = pool.at_least(20, &registrar, |progress: Progress| {
            if progress.done == 0 {
                // What a run leaves behind that is killed outright.
                fs::copy(&path, &killed).unwrap();
            }
            done = progress.done;
            if done >= 5 {
                enough.cancel();
            }
        }) => {}
    }
    drop(pool);

    let all = run(&path, 20, server.url()).await.unwrap();
    assert!(
        all.entered <= 15,
        "{} are new after {done} were done",
        all.entered
    );
    let prefix = all.accounts[0]
        .username
        .rsplit_once('-')
        .unwrap()
        .0
        .to_owned();
    let expected: BTreeSet<_> = (0..20).map(|n| format!("{prefix}-{n}")).collect();
    assert_eq!(names(&all), expected);

    fs::copy(&killed, &path).unwrap();
    let again = run(&path, 20, server.url()).await.unwrap();
    assert_eq!(
        (again.entered, names(&again)),
        (20, expected),
        "they had accounts, and were known again"
    );
}

#[tokio::test]
async fn one_file_is_for_one_run_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    let first = Pool::open(Some(&path)).unwrap();
    let second = Pool::open(Some(&path)).unwrap_err();
    assert!(matches!(second, NoPeople::InUse(_)), "{second}");
    drop(first);
    Pool::open(Some(&path)).unwrap();
}

#[tokio::test]
async fn a_broken_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    for broken in [
        r#"{"format": "chat-loadtest acc"#,
        r#"{"format": "else", "version": 1}"#,
        "hunter2",
    ] {
        fs::write(&path, broken).unwrap();
        let error = run(&path, 1, "http://127.0.0.1:1")
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("left as it is") && !error.contains("hunter2"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
}

/// A device or a pipe would be read without end.
#[tokio::test]
async fn people_are_read_from_a_regular_file_of_a_sensible_size() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [
        Path::new("/dev/zero"),
        Path::new("/dev/full"),
        folder.path(),
        &pipe,
    ] {
        let error = Pool::open(Some(path)).unwrap_err().to_string();
        let told = format!("{} is no regular file", path.display());
        assert!(error.starts_with(&told), "{error}");
    }
    let large = folder.path().join("large.json");
    let sparse = fs::File::create(&large).unwrap();
    sparse.set_len(3 << 30).unwrap();
    let error = Pool::open(Some(&large)).unwrap_err().to_string();
    assert!(
        error.ends_with("large.json has 3072 MiB: --accounts takes a file of 64 MiB at most"),
        "{error}"
    );
}

#[tokio::test]
async fn people_of_another_deployment_stay_in_their_file() {
    let (folder, server) = with_server().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let other = reference_server(elsewhere.path(), &[]).await;
    let path = folder.path().join("people.json");
    run(&path, 2, server.url()).await.unwrap();

    let error = run(&path, 2, other.url()).await.unwrap_err().to_string();
    let path_told = path.display().to_string();
    for said in [
        &path_told,
        server.url(),
        other.url(),
        "name another file",
        "delete this one",
    ] {
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(
        run(&path, 2, server.url()).await.unwrap().entered,
        0,
        "they are all still there"
    );
}

#[tokio::test]
async fn a_deployment_that_forgot_its_people_gets_new_ones() {
    let (folder, mut server) = with_server().await;
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("people.json");
    let before = run(&path, 3, server.url()).await.unwrap();
    server.kill().await.unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    server.restart().await.unwrap();

    let after = run(&path, 4, server.url()).await.unwrap();
    assert_eq!((after.entered, after.logged_in, after.forgotten), (4, 0, 3));
    assert!(names(&after).is_disjoint(&names(&before)));
    let kept = run(&path, 4, server.url()).await.unwrap();
    assert_eq!((kept.entered, kept.forgotten), (0, 0));
    assert_eq!(names(&kept), names(&after));
}

/// As a proxy does that wants a header of its own.
#[tokio::test]
async fn a_server_that_lets_nobody_in_costs_nobody_the_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    let is_open = Arc::new(Mutex::new(true));
    let base = {
        let is_open = Arc::clone(&is_open);
        fake(move |_| {
            let status = if *is_open.lock().unwrap() { 200 } else { 401 };
            async move { answer(status, "Set-Cookie: sessionid=s\r\n", r#"{"id": 1}"#) }
        })
        .await
    };
    let before = run(&path, 2, &base).await.unwrap();
    *is_open.lock().unwrap() = false;
    let error = run(&path, 2, &base).await.unwrap_err().to_string();
    assert!(
        error.contains("cannot register") && error.contains("401"),
        "{error}"
    );
    *is_open.lock().unwrap() = true;
    let after = run(&path, 2, &base).await.unwrap();
    assert_eq!((names(&after), after.entered), (names(&before), 0));
}

#[tokio::test]
async fn people_who_were_given_log_in_and_their_file_stays_as_it_is() {
    let (folder, server) = with_server().await;
    let made = run(&folder.path().join("made.json"), 3, server.url())
        .await
        .unwrap();
    let lines: String = made
        .accounts
        .iter()
        .map(|a| format!("{}:{}\n", a.username, a.password))
        .collect();
    let given = folder.path().join("staging.txt");
    fs::write(&given, &lines).unwrap();

    let first = run(&given, 3, server.url()).await.unwrap();
    assert_eq!((names(&first), first.entered), (names(&made), 3));
    let second = run(&given, 3, server.url()).await.unwrap();
    assert_eq!((cookies(&second), second.entered), (cookies(&first), 0));
    assert_eq!(fs::read_to_string(&given).unwrap(), lines);

    let error = run(&given, 4, server.url()).await.unwrap_err().to_string();
    assert!(
        error.contains("needs 4 accounts") && error.contains("staging.txt has 3"),
        "{error}"
    );
    fs::write(&given, lines.replacen(':', ":not-", 1)).unwrap();
    let error = run(&given, 3, server.url()).await.unwrap_err().to_string();
    assert!(
        error.contains("cannot log in") && error.contains("401") && !error.contains(":not-"),
        "{error}"
    );
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_that_is_counted() {
    let requests = AtomicUsize::new(0);
    let base = fake(move |request| {
        // Every other request is turned away.
        let status = match requests.fetch_add(1, Ordering::Relaxed) % 4 {
            0 => 503,
            2 => 429,
            _ => 200,
        };
        let id = request.body.len();
        async move {
            answer(
                status,
                "Retry-After: 0\r\nSet-Cookie: sessionid=s\r\n",
                &format!(r#"{{"id": {id}}}"#),
            )
        }
    })
    .await;
    let options = Options {
        jobs: NonZeroUsize::MIN,
        ..quick()
    };
    let mut last = None;
    let mut pool = Pool::open(None).unwrap();
    let gathered = pool
        .at_least(3, &registrar(&[&base], options), |progress| {
            last = Some(progress)
        })
        .await
        .unwrap();
    assert_eq!(gathered.retried, 6, "three people, two requests each");
    let last = last.unwrap();
    assert_eq!(
        (last.step, last.done, last.of, last.retried),
        (Step::Entering, 3, 3, 6)
    );
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let base = fake(|_| async { answer(503, "", "come back later") }).await;
    let options = Options {
        attempts: 3,
        jobs: NonZeroUsize::MIN,
        ..quick()
    };
    let registrar = registrar(&[&base], options);
    let error = Pool::open(None)
        .unwrap()
        .at_least(1, &registrar, |_| {})
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("answered 503 come back later"),
        "{error}"
    );
    assert_eq!(registrar.retried(), 2);
}

#[tokio::test]
async fn a_refusal_is_quoted_without_the_password() {
    let base = fake(|request| async move { answer(400, "", &request.body) }).await;
    let error = Pool::open(None)
        .unwrap()
        .at_least(1, &registrar(&[&base], quick()), |_| {})
        .await
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("cannot register") && error.contains("answered 400"),
        "{error}"
    );
    assert!(error.contains(r#""password":"<password>""#), "{error}");
    assert!(error.contains("--accounts takes a file"), "{error}");
}

#[tokio::test]
async fn a_login_without_a_session_is_no_login() {
    let base = fake(|_| async { answer(200, "", r#"{"id": 1}"#) }).await;
    let error = Pool::open(None)
        .unwrap()
        .at_least(1, &registrar(&[&base], quick()), |_| {})
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a cookie named sessionid were due"),
        "{error}"
    );
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
