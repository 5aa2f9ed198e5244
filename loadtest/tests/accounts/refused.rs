//! A server that is busy is asked again, and one that refuses is quoted.

use super::*;

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
