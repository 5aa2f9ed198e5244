//! Of two faults in one request, which one is answered (INTEROP §8.1).

use chat_fixtures::{answer::Answer, client::Ask, people::Person};
use serde_json::json;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_eq, shown},
    tokens::Tokens,
};

checks! {
    AUTH_8 => answers_the_first_of_two_faults,
    AUTH_8 => reads_a_posted_body_before_the_token,
}

async fn answers_the_first_of_two_faults(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let path = format!("/api/chats/{}/send_message/", chat.id);
    // A fault that is not answered by itself is no matter of precedence: another clause has it.
    let mut known = Vec::new();
    for fault in IN_ORDER {
        let answer = asks(cx, &alice, &path, &[fault]).await?;
        if fault.is_answered_by(&answer) {
            known.push(fault);
        }
    }
    for (n, first) in known.iter().enumerate() {
        for second in &known[n + 1..] {
            // Without a session nobody is asked for a token.
            let due = match (first, second) {
                (Fault::NoToken, Fault::NoSession) => second,
                _ => first,
            };
            let answer = asks(cx, &alice, &path, &[*first, *second]).await?;
            expect(
                due.is_answered_by(&answer),
                format!("a request with {} and {}", first.words(), second.words()),
                due.answer(),
                shown(&answer),
            )?;
        }
    }
    let missing: Vec<_> = IN_ORDER
        .iter()
        .filter(|fault| !known.contains(fault))
        .map(|fault| fault.words())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Untestable(format!(
        "not answered as faults: {}",
        missing.join(", ")
    )))
}

async fn reads_a_posted_body_before_the_token(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let tokens = Tokens::of(&alice)?;
    let send = format!("/api/chats/{}/send_message/", chat.id);
    let broken = |method: &str, path: &str| {
        Ask::new(method, path)
            .body("application/json", "{")
            .without_csrf()
    };
    let both = tokens.cookies(&tokens.secret);
    let csrf = |reason: &str| json!({"detail": format!("CSRF Failed: {reason}")});
    let first = alice.client.ask(broken("PUT", &send)).await?;
    let missing = csrf("CSRF token missing.");
    if first.status != 403 || first.json().unwrap_or_default() != missing {
        return Err(Failure::Untestable(
            "a missing token is not answered as one".to_owned(),
        ));
    }

    // The form field might be in it, so a body that cannot be read comes first, on any resource.
    for path in [&*send, "/api/me/", "/api/login/", "/api/logout/"] {
        let ask = broken("POST", path).header("Cookie", &both);
        let answer = cx.stranger().ask(ask).await?;
        let detail = answer.json().unwrap_or_default()["detail"].clone();
        let parse_error = detail
            .as_str()
            .is_some_and(|detail| detail.starts_with("JSON parse error - "));
        expect(
            answer.status == 400 && parse_error,
            format!("a broken body without a token to {path}"),
            "400 JSON parse error",
            shown(&answer),
        )?;
    }
    let ask = Ask::new("POST", &send)
        .body("text/plain", "x")
        .header("Cookie", &both)
        .without_csrf();
    let answer = cx.stranger().ask(ask).await?;
    expect_eq(answer.status, 415, "an unknown media type without a token")?;

    // What needs no body comes before it.
    let session = format!("sessionid={}", tokens.session);
    let ask = broken("POST", &send).header("Cookie", &session);
    let answer = cx.stranger().ask(ask).await?;
    let says = csrf("CSRF cookie not set.");
    expect_answer(&answer, 403, &says, "a broken body without a token cookie")?;
    for method in ["PUT", "PATCH", "DELETE"] {
        let ask = broken(method, &format!("/api/chats/{}/", chat.id)).header("Cookie", &both);
        let answer = cx.stranger().ask(ask).await?;
        let what = format!("a broken body without a token by {method}");
        expect_answer(&answer, 403, &missing, &what)?;
    }
    let answer = cx.stranger().ask(broken("POST", &send)).await?;
    let says = json!({"detail": "Authentication credentials were not provided."});
    expect_answer(&answer, 403, &says, "a broken body without a session")
}

/// What can be wrong with a request, apart from what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NoSlash,
    Unacceptable,
    NoToken,
    NoSession,
    WrongMethod,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::NoSlash => "no slash at its end",
            Self::Unacceptable => "an `Accept` that nothing meets",
            Self::NoToken => "no CSRF token",
            Self::NoSession => "no session",
            Self::WrongMethod => "a method that is not allowed",
        }
    }

    fn answer(self) -> &'static str {
        match self {
            Self::NoSlash => "301",
            Self::Unacceptable => "406",
            Self::NoToken => "403 CSRF Failed: CSRF token missing.",
            Self::NoSession => "403 Authentication credentials were not provided.",
            Self::WrongMethod => "405",
        }
    }

    fn is_answered_by(self, answer: &Answer) -> bool {
        let (status, detail) = self.answer().split_once(' ').unwrap_or((self.answer(), ""));
        answer.status.to_string() == status
            && (detail.is_empty() || answer.json().unwrap_or_default()["detail"] == detail)
    }
}

/// A message that has these faults and no other but that it is empty.
async fn asks(
    cx: &Context,
    alice: &Person,
    path: &str,
    faults: &[Fault],
) -> Result<Answer, Failure> {
    let has = |fault| faults.contains(&fault);
    let path = if has(Fault::NoSlash) {
        path.trim_end_matches('/')
    } else {
        path
    };
    let method = if has(Fault::WrongMethod) {
        "PUT"
    } else {
        "POST"
    };
    let mut ask = Ask::new(method, path).json(&json!({"content": ""}));
    if has(Fault::Unacceptable) {
        ask = ask.header("Accept", "application/xml");
    }
    if has(Fault::NoToken) {
        ask = ask.without_csrf();
    }
    let client = if has(Fault::NoSession) {
        cx.stranger()
    } else {
        alice.client.clone()
    };
    Ok(client.ask(ask).await?)
}

/// As they come first.
const IN_ORDER: [Fault; 5] = [
    Fault::NoSlash,
    Fault::Unacceptable,
    Fault::NoToken,
    Fault::NoSession,
    Fault::WrongMethod,
];
