//! The token in a field of a posted form, where pages without scripts put it.

use chat_fixtures::client::Ask;

use super::csrf_tokens::{Desk, SEND, wrong};
use crate::{check::Verdict, checks, context::Context};

checks! {
    CSRF_2 => reads_the_token_from_a_posted_form,
    CSRF_2 => prefers_the_form_to_the_header,
}

async fn reads_the_token_from_a_posted_form(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let (bare, masked) = (desk.tokens.secret.clone(), desk.tokens.masked(cx)?);
    for token in [&bare, &masked] {
        desk.passes(desk.form(token), &format!("the form field {token}"))
            .await?;
    }
    let fields = [("content", ""), ("csrfmiddlewaretoken", &*bare)];
    let ask = Ask::new("POST", SEND)
        .multipart(&fields)
        .header("Cookie", &desk.tokens.cookies(&bare))
        .without_csrf();
    desk.passes(ask, "the field of a multipart form").await?;
    for (token, reason) in [
        ("abc", "CSRF token from POST has incorrect length."),
        (
            &*"-".repeat(32),
            "CSRF token from POST has invalid characters.",
        ),
        (&*wrong(&bare), "CSRF token from POST incorrect."),
        ("", "CSRF token missing."),
    ] {
        let what = format!("the form field {token:?}");
        desk.is_refused(desk.form(token), reason, &what).await?;
    }
    Ok(())
}

async fn prefers_the_form_to_the_header(cx: &Context) -> Verdict {
    let desk = Desk::set(cx).await?;
    let good = desk.tokens.secret.clone();
    let bad = wrong(&good);

    let ask = desk.form(&bad).header("X-CSRFToken", &good);
    let reason = "CSRF token from POST incorrect.";
    desk.is_refused(ask, reason, "a wrong field and a good header")
        .await?;
    let ask = desk.form(&good).header("X-CSRFToken", &bad);
    desk.passes(ask, "a good field and a wrong header").await?;
    let ask = desk.form("").header("X-CSRFToken", &good);
    desk.passes(ask, "an empty field and a good header").await
}
