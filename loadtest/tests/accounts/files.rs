//! The file of people: whose it is, what it may be, and when it is left as it is.

use super::*;

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

    let mut steps = Vec::new();
    let registrar = registrar(&[server.url()], quick());
    let mut pool = Pool::open(Some(&given)).unwrap();
    let first = pool.at_least(3, &registrar, |told| steps.push(told.step));
    let first = first.await.unwrap();
    drop(pool);
    assert_eq!((names(&first), first.entered), (names(&made), 3));
    assert_eq!(steps, [Step::LoggingIn; 4], "none of them, then each");
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
