//! Where a request comes from, by its own word: `Origin`.

use chat_fixtures::{answer::Answer, base::origin, client::Ask};
use serde_json::json;

use super::csrf_tokens::{NO_CHAT, asks_for_a_token, is_refusal, refusal};
use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_answer, shown},
    tokens::empty_message,
};

checks! {
    CSRF_3 => passes_its_own_origin,
    CSRF_3 => refuses_other_origins_even_with_a_good_token,
    CSRF_3 => asks_safe_methods_and_strangers_for_no_origin,
}

async fn passes_its_own_origin(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let own = origin(alice.client.base());
    let bare = alice.client.ask(empty_message(chat.id)).await?;
    for ask in [
        empty_message(chat.id).header("Origin", own),
        // Over plain HTTP the referrer is not read.
        empty_message(chat.id)
            .header("Origin", own)
            .header("Referer", "http://evil.example/"),
    ] {
        let answer = alice.client.ask(ask).await?;
        expect(
            answer.status == bare.status,
            format!("a message from {own}"),
            format!("{} as without an origin", bare.status),
            shown(&answer),
        )?;
    }
    if own.starts_with("http:") && !cx.behind_balancer() {
        // The server's own is what the request calls it.
        let ask = empty_message(chat.id)
            .header("Host", "chat.example:81")
            .header("Origin", "http://chat.example:81");
        let answer = alice.client.ask(ask).await?;
        expect(
            !is_refusal(&answer),
            "a message from http://chat.example:81 to the host of that name",
            "that it passes",
            shown(&answer),
        )?;
    }
    Ok(())
}

async fn refuses_other_origins_even_with_a_good_token(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    // A server that asks for no token either has another clause to keep first, and one that has words of
    // its own breaks that one here too.
    let bare = empty_message(chat.id).without_csrf();
    let bare = alice.client.ask(bare).await?;
    cx.given("be refused without a token", async {
        expect(bare.status == 403, "no token", 403, shown(&bare))
    })
    .await?;
    let exact = bare.json().unwrap_or_default() == refusal("CSRF token missing.");
    let own = origin(alice.client.base());
    let (scheme, host) = own.split_once("://").unwrap_or(("http", own));
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let other_scheme = if scheme == "http" { "https" } else { "http" };
    for origin in [
        "http://evil.example".to_owned(),
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("{other_scheme}://{host}"),
        format!("{}://{host}", scheme.to_uppercase()),
        format!("{scheme}://{name}:1"),
        format!("{own}/"),
        format!("{own}.evil.example"),
        format!("http://evil.example#{host}"),
        format!("http://evil@{host}"),
        host.to_owned(),
        "file://".to_owned(),
        "*".to_owned(),
    ] {
        let ask = empty_message(chat.id).header("Origin", &origin);
        let answer = alice.client.ask(ask).await?;
        let what = format!("a message from {origin}");
        expect_refusal(&answer, &origin, exact, &what)?;
    }

    for (method, path) in [
        ("PUT", NO_CHAT),
        ("PATCH", NO_CHAT),
        ("DELETE", NO_CHAT),
        ("POST", "/api/chats/"),
        ("POST", "/api/login/"),
        ("POST", "/api/register/"),
        ("POST", "/api/me/"),
    ] {
        if !asks_for_a_token(&alice, method, path).await? {
            continue;
        }
        let ask = Ask::new(method, path)
            .json(&json!({}))
            .header("Origin", "http://evil.example");
        let answer = alice.client.ask(ask).await?;
        let what = format!("{method} {path} from http://evil.example");
        expect_refusal(&answer, "http://evil.example", exact, &what)?;
    }
    Ok(())
}

async fn asks_safe_methods_and_strangers_for_no_origin(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let foreign =
        |method: &str, path: &str| Ask::new(method, path).header("Origin", "http://evil.example");
    for method in ["GET", "HEAD", "OPTIONS"] {
        let answer = alice.client.ask(foreign(method, "/api/chats/")).await?;
        let plain = alice.client.ask(Ask::new(method, "/api/chats/")).await?;
        expect(
            answer.status == plain.status,
            format!("{method} from another origin"),
            format!("{} as without one", plain.status),
            shown(&answer),
        )?;
    }
    for path in ["/api/login/", "/api/register/"] {
        let ask = foreign("POST", path).json(&json!({}));
        let answer = cx.stranger().ask(ask).await?;
        expect(
            !is_refusal(&answer),
            format!("POST {path} of somebody without a session from another origin"),
            "that nobody asks where it comes from",
            shown(&answer),
        )?;
    }
    Ok(())
}

fn expect_refusal(answer: &Answer, origin: &str, exact: bool, what: &str) -> Verdict {
    if !exact {
        return expect(answer.status == 403, what, "403", shown(answer));
    }
    let says = refusal(&format!(
        "Origin checking failed - {origin} does not match any trusted origins."
    ));
    expect_answer(answer, 403, &says, what)
}
