//! Which of several reasons to refuse is told, and what happens to the cookies.

use serde_json::{Value, json};

use crate::people::{Answer, Ask, Server};

fn detail(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["detail"].clone())
}

#[tokio::test]
async fn one_obstacle_after_the_other_is_taken_away() {
    let server = Server::start().await;
    let alice = server.welcome("alice").await;
    let ask = |ask: Ask| ask.by(&alice);
    let stories = [
        (Ask::new("POST", "/api/me").json("{bad"), 301, Value::Null),
        (
            ask(Ask::new("POST", "/api/me/")
                .json("{bad")
                .header("accept", "a/b")
                .header("origin", "null")),
            406,
            json!("Could not satisfy the request Accept header."),
        ),
        (
            ask(Ask::new("POST", "/api/me/")
                .json("{bad")
                .header("origin", "null")),
            403,
            json!("CSRF Failed: Origin checking failed - null does not match any trusted origins."),
        ),
        (
            ask(Ask::new("POST", "/api/me/").typed("text/plain", "x")),
            415,
            json!("Unsupported media type \"text/plain\" in request."),
        ),
        (
            ask(Ask::new("POST", "/api/me/").json("{}")),
            403,
            json!("CSRF Failed: CSRF token missing."),
        ),
        (
            ask(Ask::new("POST", "/api/me/").json("{}")).with_token(&alice),
            405,
            json!("Method \"POST\" not allowed."),
        ),
        (
            ask(Ask::new("PUT", "/api/me/").json("{bad")),
            403,
            json!("CSRF Failed: CSRF token missing."),
        ),
        (
            Ask::new("POST", "/api/me/").json("{bad"),
            403,
            json!("Authentication credentials were not provided."),
        ),
        (
            ask(Ask::new("PUT", "/api/chats/77/").json("{bad")).with_token(&alice),
            404,
            json!("No Chat matches the given query."),
        ),
        (
            ask(Ask::new("PUT", "/api/chats/x/").json("{bad")).with_token(&alice),
            404,
            json!("Not found."),
        ),
    ];
    for (ask, status, words) in stories {
        let answer = server.ask(&ask).await;
        assert_eq!(answer.status, status, "{ask:?} {answer:?}");
        if status == 301 {
            assert_eq!(
                (
                    answer.header("location"),
                    answer.header("vary"),
                    answer.body.len()
                ),
                ("/api/me/", "", 0)
            );
        } else {
            assert_eq!(detail(&answer).1, words, "{ask:?}");
        }
    }
}

#[tokio::test]
async fn a_form_field_is_as_good_as_the_header_and_wins() {
    let server = Server::start().await;
    let alice = server.welcome("alice").await;
    let form = "application/x-www-form-urlencoded";
    let create = |token: &str| {
        Ask::new("POST", "/api/chats/")
            .typed(form, &format!("name=a+b&csrfmiddlewaretoken={token}"))
            .by(&alice)
    };
    let made = server.ask(&create(&alice.csrf)).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["name"]),
        (201, &json!("a b"))
    );
    let refused = server.ask(&create("bad").with_token(&alice)).await;
    assert_eq!(
        detail(&refused),
        (
            403,
            json!("CSRF Failed: CSRF token from POST has incorrect length.")
        )
    );
}

#[tokio::test]
async fn what_became_of_a_session_shows_in_its_cookie() {
    let server = Server::start().await;
    let alice = server.welcome("alice").await;
    let me = |key: &str| Ask::new("GET", "/api/me/").header("cookie", &format!("sessionid={key}"));

    assert_eq!(
        server.ask(&me(&alice.key)).await.json()["username"],
        "alice"
    );
    for key in ["abcdefgh", "short", ""] {
        let unknown = server.ask(&me(key)).await;
        assert_eq!(
            (
                unknown.status.as_u16(),
                unknown.cookie("sessionid").as_deref()
            ),
            (403, Some("\"\"")),
            "{key}"
        );
    }
    let elsewhere = server
        .ask(&Ask::new("GET", "/nope/").header("cookie", "sessionid=short; csrftoken=x"))
        .await;
    assert_eq!(
        (
            elsewhere.header("vary"),
            elsewhere.cookie("sessionid").as_deref()
        ),
        ("Cookie", Some("\"\""))
    );
    assert_eq!(
        elsewhere.cookie("csrftoken").map(|secret| secret.len()),
        Some(32)
    );

    let logout = server
        .ask(
            &Ask::new("POST", "/api/logout/")
                .by(&alice)
                .with_token(&alice),
        )
        .await;
    assert_eq!(
        (
            logout.status.as_u16(),
            logout.cookie("sessionid").as_deref()
        ),
        (200, Some("\"\""))
    );
    assert_eq!(server.ask(&me(&alice.key)).await.status, 403);
}

#[tokio::test]
async fn logging_in_again_keeps_ones_own_key_and_leaves_anothers() {
    let server = Server::start().await;
    let (alice, bob) = (server.welcome("alice").await, server.welcome("bob").await);
    let login = |name: &str| {
        Ask::new("POST", "/api/login/")
            .json(&format!(r#"{{"username":"{name}","password":"open"}}"#))
    };

    let again = server
        .ask(&login("alice").by(&alice).with_token(&alice))
        .await;
    assert_eq!(again.cookie("sessionid").as_ref(), Some(&alice.key));
    assert_ne!(again.cookie("csrftoken").as_ref(), Some(&alice.csrf));

    let other = server.ask(&login("alice").by(&bob).with_token(&bob)).await;
    assert_ne!(other.cookie("sessionid").as_ref(), Some(&bob.key));
    assert_eq!(
        server
            .ask(&Ask::new("GET", "/api/me/").by(&bob))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_body_past_the_limit_gets_413_wherever_it_is_sent() {
    let server = Server::start().await;
    for path in ["/api/login/", "/api/me/", "/nope/"] {
        let answer = server
            .ask(&Ask::new("POST", path).json(&"x".repeat(100_001)))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("connection")),
            (413, "close"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_malformed_host_gets_djangos_page() {
    let server = Server::start().await;
    let mut ask = Ask::new("GET", "/api/me/");
    ask.headers.clear();
    let answer = server.ask(&ask.header("host", "a_b")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-frame-options")),
        (400, "")
    );
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
}
