//! Whose session lives is not asked for it again, and nobody is lost on the way.

use super::*;

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
