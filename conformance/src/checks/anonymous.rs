//! Whoever has no session gets nothing and changes nothing.

use chat_fixtures::{
    client::{Ask, Client},
    people::{Chat, Person},
};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect_answer, expect_refused},
    paths,
    registration::accepted,
    tokens::Tokens,
    untouched::Untouched,
};

checks! {
    AUTH_5 => refuses_the_anonymous_everywhere,
    AUTH_5 => refuses_sessions_it_does_not_know,
    AUTH_8 => refuses_the_anonymous_in_its_words,
}

async fn refuses_the_anonymous_everywhere(cx: &Context) -> Verdict {
    let scene = Scene::set(cx).await?;
    let before = Untouched::begin(cx, &scene.alice, &scene.chat).await?;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        for path in scene.paths() {
            let stranger = cx.stranger();
            let answer = stranger.ask(scene.ask(method, &path)).await?;
            expect_refused(
                &answer,
                &format!("{method} {path} of somebody without a session"),
            )?;
        }
    }
    before.is_so_still("refusals to the anonymous").await?;
    before
        .no_chat_is_called(&scene.marker, "refusals to the anonymous")
        .await
}

async fn refuses_sessions_it_does_not_know(cx: &Context) -> Verdict {
    let scene = Scene::set(cx).await?;
    let before = Untouched::begin(cx, &scene.alice, &scene.chat).await?;
    let tokens = Tokens::of(&scene.alice)?;
    let key = &tokens.session;
    let forged: String = key
        .chars()
        .enumerate()
        .map(|(n, letter)| match (n, letter) {
            (0, 'a') => 'b',
            (0, _) => 'a',
            _ => letter,
        })
        .collect();
    let half: String = key.chars().take(key.chars().count() / 2).collect();
    for unknown in [
        "abcdefghabcdefghabcdefghabcdefgh",
        &forged,
        &half,
        &format!("{key}x"),
        &scene.alice.id.to_string(),
        "%",
        "' OR '1'='1",
        "",
    ] {
        for (method, path) in scene.deeds() {
            // A good pair of tokens goes along, so that it is the session that is refused.
            let cookies = format!("sessionid={unknown}; csrftoken={}", tokens.secret);
            let ask = scene
                .ask(method, &path)
                .header("Cookie", &cookies)
                .header("X-CSRFToken", &tokens.secret);
            let answer = cx.stranger().ask(ask).await?;
            expect_refused(
                &answer,
                &format!("{method} {path} with the session {unknown:?}"),
            )?;
        }
    }
    before.is_so_still("refusals to unknown sessions").await?;
    before
        .no_chat_is_called(&scene.marker, "refusals to unknown sessions")
        .await
}

async fn refuses_the_anonymous_in_its_words(cx: &Context) -> Verdict {
    let scene = Scene::set(cx).await?;
    let says = json!({"detail": "Authentication credentials were not provided."});
    let expect_words = async |client: Client, ask: Ask, whose: &str| {
        let what = format!("{} {} of {whose}", ask.method(), ask.path());
        let answer = client.ask(ask).await?;
        if accepted(&answer) {
            return Err(Failure::Untestable(format!("{what} is not refused")));
        }
        expect_answer(&answer, 403, &says, &what)
    };
    // First what each is for: where one of these is not refused, its other methods tell nothing.
    for (method, path) in scene.deeds() {
        expect_words(cx.stranger(), scene.ask(method, &path), "the anonymous").await?;
    }
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        for path in scene.paths() {
            expect_words(cx.stranger(), scene.ask(method, &path), "the anonymous").await?;
        }
    }
    for (method, path) in scene.deeds() {
        let ask = scene
            .ask(method, &path)
            .header("Cookie", "sessionid=abcdefgh");
        expect_words(cx.stranger(), ask, "an unknown session").await?;
    }
    Ok(())
}

/// A chat of alice's with a message in it, and how others go for it.
struct Scene {
    alice: Person,
    chat: Chat,
    message: u64,
    /// What neither a chat nor a message has for its id: the anonymous do not learn that either.
    unknown: u64,
    marker: String,
}

impl Scene {
    async fn set(cx: &Context) -> Result<Self, Failure> {
        let [alice] = cx.people().await?;
        let chat = cx.chat_of(&[&alice]).await?;
        let message = cx
            .given("send a message", alice.posts(&chat, "untouched"))
            .await?;
        Ok(Self {
            message: message["id"].as_u64().unwrap_or_default(),
            unknown: paths::unknown_id(cx),
            marker: cx.username("marker"),
            alice,
            chat,
        })
    }

    /// Every resource but register and login.
    fn paths(&self) -> Vec<String> {
        let chat = self.chat.id;
        let unknown = self.unknown;
        vec![
            "/api/".to_owned(),
            "/api/me/".to_owned(),
            "/api/logout/".to_owned(),
            "/api/chats/".to_owned(),
            format!("/api/chats/{chat}/"),
            format!("/api/chats/{chat}/messages/"),
            format!("/api/chats/{chat}/send_message/"),
            "/api/messages/".to_owned(),
            format!("/api/messages/{}/", self.message),
            format!("/api/chats/{unknown}/"),
            format!("/api/chats/{unknown}/messages/"),
            format!("/api/messages/{unknown}/"),
        ]
    }

    /// What a session may do, one of each kind.
    fn deeds(&self) -> [(&'static str, String); 9] {
        let chat = self.chat.id;
        [
            ("GET", "/api/me/".to_owned()),
            ("GET", "/api/chats/".to_owned()),
            ("GET", format!("/api/chats/{chat}/messages/")),
            ("POST", "/api/chats/".to_owned()),
            ("POST", format!("/api/chats/{chat}/send_message/")),
            ("PUT", format!("/api/chats/{chat}/")),
            ("PATCH", format!("/api/chats/{chat}/")),
            ("DELETE", format!("/api/chats/{chat}/")),
            ("POST", "/api/logout/".to_owned()),
        ]
    }

    /// The request with a body that all resources could make something of.
    fn ask(&self, method: &str, path: &str) -> Ask {
        let ask = Ask::new(method, path);
        if matches!(method, "GET" | "HEAD") {
            return ask;
        }
        ask.json(&self.body())
    }

    fn body(&self) -> Value {
        json!({
            "name": self.marker, "content": self.marker, "participant_ids": [self.alice.id],
        })
    }
}
