//! Where the token is read, in which forms it passes, and the reason given when it does not.

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client},
    people::Person,
};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, shown},
    tokens::Tokens,
};

checks! {
    CSRF_2 => takes_bare_and_masked_tokens,
    CSRF_2 => says_what_is_wrong_with_the_header,
    CSRF_2 => says_what_is_wrong_with_the_cookie,
    CSRF_2 => reads_the_token_nowhere_else,
    CSRF_2 => reads_other_methods_from_the_header_alone,
}

async fn takes_bare_and_masked_tokens(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let (bare, masked) = (desk.tokens.secret.clone(), desk.tokens.masked(cx)?);
    let other_mask = format!("{}{bare}", "a".repeat(bare.len()));
    for (cookie, header) in [
        (&bare, &bare),
        (&bare, &masked),
        (&masked, &bare),
        (&masked, &other_mask),
        (&other_mask, &masked),
    ] {
        let ask = desk.ask(cookie).header("X-CSRFToken", header);
        desk.passes(
            ask,
            &format!("the cookie {cookie} with the header {header}"),
        )
        .await?;
    }
    // The secret is the browser's to keep: one of its own choice is as good.
    let own = "b".repeat(32);
    let ask = desk.ask(&own).header("x-csrftoken", &own);
    desk.passes(ask, "a secret of one's own choice").await
}

async fn says_what_is_wrong_with_the_header(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let good = desk.tokens.secret.clone();
    let header = |what: &str| format!("CSRF token from the 'X-Csrftoken' HTTP header {what}.");
    let length = header("has incorrect length");
    let characters = header("has invalid characters");
    let incorrect = header("incorrect");
    let a = |n: usize| "a".repeat(n);
    for (token, reason) in [
        (String::new(), &length),
        (a(31), &length),
        (a(33), &length),
        (a(63), &length),
        (a(65), &length),
        (format!("\"{good}\""), &length),
        (a(30) + "!", &length),
        (a(31) + "!", &characters),
        (a(63) + "-", &characters),
        (wrong(&good), &incorrect),
        (a(64), &incorrect),
    ] {
        let ask = desk.ask(&good).header("X-CSRFToken", &token);
        desk.is_refused(ask, reason, &format!("the header {token:?}"))
            .await?;
    }
    desk.is_refused(desk.ask(&good), "CSRF token missing.", "no token")
        .await
}

async fn says_what_is_wrong_with_the_cookie(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let good = desk.tokens.secret.clone();
    let a = |n: usize| "a".repeat(n);
    for (cookie, reason) in [
        (String::new(), "CSRF cookie has incorrect length."),
        (a(31), "CSRF cookie has incorrect length."),
        (a(33), "CSRF cookie has incorrect length."),
        (a(31) + "-", "CSRF cookie has invalid characters."),
        (
            wrong(&good),
            "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
        ),
    ] {
        let ask = desk.ask(&cookie).header("X-CSRFToken", &good);
        desk.is_refused(ask, reason, &format!("the cookie {cookie:?}"))
            .await?;
    }
    let session = format!("sessionid={}", desk.tokens.session);
    let alone = || message().header("Cookie", &session);
    let reason = "CSRF cookie not set.";
    desk.is_refused(alone().without_csrf(), reason, "neither cookie nor header")
        .await?;
    let ask = alone().header("X-CSRFToken", &good);
    desk.is_refused(ask, reason, "a header without a cookie")
        .await
}

async fn reads_the_token_nowhere_else(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let good = desk.tokens.secret.clone();
    let post = |path: &str| {
        let ask = Ask::new("POST", path).header("Cookie", &desk.tokens.cookies(&good));
        ask.without_csrf()
    };
    let empty = json!({"content": ""});
    for (what, ask) in [
        (
            "a field of JSON",
            post(SEND).json(&json!({"content": "", "csrfmiddlewaretoken": good})),
        ),
        (
            "the query",
            post(&format!("{SEND}?csrfmiddlewaretoken={good}")).json(&empty),
        ),
        (
            "the header X-CSRF-Token",
            post(SEND).json(&empty).header("X-CSRF-Token", &good),
        ),
        (
            "the header X-XSRF-TOKEN",
            post(SEND).json(&empty).header("X-XSRF-TOKEN", &good),
        ),
    ] {
        let what = format!("the token in {what}");
        desk.is_refused(ask, "CSRF token missing.", &what).await?;
    }
    Ok(())
}

async fn reads_other_methods_from_the_header_alone(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let good = desk.tokens.secret.clone();
    let [alice] = cx.people().await?;
    let mut untestable = Vec::new();
    for method in ["PUT", "PATCH", "DELETE"] {
        if !asks_for_a_token(&alice, method, NO_CHAT).await? {
            untestable.push(method);
            continue;
        }
        let form = Ask::new(method, NO_CHAT)
            .body(
                "application/x-www-form-urlencoded",
                format!("name=&csrfmiddlewaretoken={good}"),
            )
            .header("Cookie", &desk.tokens.cookies(&good))
            .without_csrf();
        let what = format!("{method} with the token in a form");
        desk.is_refused(form, "CSRF token missing.", &what).await?;
        let incorrect = Ask::new(method, NO_CHAT)
            .header("Cookie", &desk.tokens.cookies(&good))
            .header("X-CSRFToken", &wrong(&good));
        let reason = "CSRF token from the 'X-Csrftoken' HTTP header incorrect.";
        desk.is_refused(incorrect, reason, &format!("{method} with a wrong token"))
            .await?;
    }
    for method in ["PUT", "PATCH", "DELETE"] {
        let ask = Ask::new(method, NO_CHAT)
            .json(&json!({"name": ""}))
            .header("Cookie", &desk.tokens.cookies(&good))
            .header("X-CSRFToken", &desk.tokens.masked(cx)?);
        desk.passes(ask, &format!("{method} with the token in the header"))
            .await?;
    }
    if untestable.is_empty() {
        return Ok(());
    }
    Err(Failure::Untestable(format!(
        "no token is asked for by {}",
        untestable.join(", ")
    )))
}

/// Alice's tokens, and a request that passes with a good one only to be told that there is no such chat: so
/// it needs nothing that a good token would have to make first.
pub(super) struct Desk {
    pub(super) tokens: Tokens,
    client: Client,
}

impl Desk {
    /// Whether a token is asked for at all is for CSRF-1 to say.
    pub(super) async fn set(cx: &Context) -> Result<Self, Failure> {
        let [alice] = cx.people().await?;
        let desk = Self {
            tokens: Tokens::of(&alice)?,
            client: cx.stranger(),
        };
        cx.given("be refused without a token", async {
            let answer = desk.client.ask(desk.ask(&desk.tokens.secret)).await?;
            let refused = (400..500).contains(&answer.status);
            expect(refused, "no token", "a refusal (4xx)", shown(&answer))
        })
        .await?;
        Ok(desk)
    }

    /// A message in alice's session with this `csrftoken` cookie, and no token beside it.
    fn ask(&self, cookie: &str) -> Ask {
        message()
            .header("Cookie", &self.tokens.cookies(cookie))
            .without_csrf()
    }

    /// The same with her own cookie, as a form with that token in its field.
    pub(super) fn form(&self, token: &str) -> Ask {
        self.ask(&self.tokens.secret).body(
            "application/x-www-form-urlencoded",
            format!("content=&csrfmiddlewaretoken={token}"),
        )
    }

    pub(super) async fn passes(&self, ask: Ask, what: &str) -> Verdict {
        let answer = self.client.ask(ask).await?;
        expect(
            answer.status != 403,
            what,
            "that it passes, and nothing but the chat is missing",
            shown(&answer),
        )
    }

    pub(super) async fn is_refused(&self, ask: Ask, reason: &str, what: &str) -> Verdict {
        let answer = self.client.ask(ask).await?;
        expect_answer(&answer, 403, &refusal(reason), what)
    }
}

fn message() -> Ask {
    Ask::new("POST", SEND).json(&json!({"content": ""}))
}

/// Whether a request of this person's session without a token is refused there; what it asks for has to be
/// without consequence.
pub(super) async fn asks_for_a_token(
    person: &Person,
    method: &str,
    path: &str,
) -> Result<bool, Failure> {
    let ask = Ask::new(method, path).json(&json!({})).without_csrf();
    Ok(person.client.ask(ask).await?.status == 403)
}

/// What a refusal says for this reason.
pub(super) fn refusal(reason: &str) -> Value {
    json!({"detail": format!("CSRF Failed: {reason}")})
}

/// Whether the answer is a refusal for the sake of CSRF.
pub(super) fn is_refusal(answer: &Answer) -> bool {
    answer.status == 403 && answer.text().contains("CSRF Failed")
}

/// Another secret, as good in its form.
pub(super) fn wrong(secret: &str) -> String {
    let other = if secret.starts_with('b') { "c" } else { "b" };
    other.repeat(32)
}

/// A chat that there is not.
pub(super) const NO_CHAT: &str = "/api/chats/2000000123/";
pub(super) const SEND: &str = "/api/chats/2000000123/send_message/";
