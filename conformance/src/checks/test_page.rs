//! The test page, in a real browser: it is used as a person would who has never seen it.

use std::time::Duration;

use chat_fixtures::{
    browser::{Browser, BrowserError, Element, Window},
    people::{Chat, Connection, Person},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::expect,
    listening::hears,
};

// A browser takes seconds to start.
checks! {
    FLOW_5 => the_server_serves_the_page,
    FLOW_5 => the_page_speaks_and_hears [Waits],
    FLOW_5 => the_page_makes_no_markup_of_messages [Waits],
}

async fn the_server_serves_the_page(cx: &Context) -> Verdict {
    let page = page_of(cx).await?;
    expect(
        page.is_some(),
        format!(
            "the test page, looked for at {}",
            cx.test_pages().join(", ")
        ),
        "200 and HTML with a script (--test-page PATH says where it is)",
        "none",
    )
}

async fn the_page_speaks_and_hears(cx: &Context) -> Verdict {
    let mut visit = Visit::begins(cx, None).await?;

    let heard = visit.says("Hello from the page").await?;
    let what = "another connection after a message was sent from the page";
    expect(heard, what, "the message", "nothing")?;
    visit
        .expect_shown("Hello from the page", "its own message, on the page")
        .await?;

    visit.bob_says("Hello to the page").await?;
    visit
        .expect_shown("Hello to the page", "another's message, on the page")
        .await
}

async fn the_page_makes_no_markup_of_messages(cx: &Context) -> Verdict {
    let mut visit = Visit::begins(cx, Some(MARKUP)).await?;
    // Once it is heard it is connected, and hears.
    if !visit.says("I am here").await? {
        let reason = "nothing that is sent from the page arrives".to_owned();
        return Err(Failure::Untestable(reason));
    }
    visit.bob_says(MARKUP).await?;
    visit.says(MARKUP).await?;
    visit.bob_says("the end").await?;
    visit
        .expect_shown("the end", "a message behind one of markup, on the page")
        .await?;

    let made = visit
        .runs("return document.querySelector('[data-marked]')?.outerHTML ?? null")
        .await?;
    expect(
        made.is_null(),
        "a message of markup, on the page",
        "text",
        made,
    )?;
    visit
        .expect_shown(MARKUP, "a message of markup, as text on the page")
        .await
}

/// Somebody new in front of the page, in a chat with Bob, who uses no page.
struct Visit {
    bob: Connection,
    window: Window,
    field: Element,
    _browser: Browser,
}

impl Visit {
    /// Opens the page with a session and chooses the chat; `before` is in its history.
    async fn begins(cx: &Context, before: Option<&str>) -> Result<Self, Failure> {
        let Some(page) = page_of(cx).await? else {
            let reason = "there is no page (--test-page PATH says where it is)".to_owned();
            return Err(Failure::Untestable(reason));
        };
        // First of all, for where there is no browser nothing else is of use.
        let browser = Browser::start().await.map_err(in_browser)?;
        let window = browser.window(1280, 800).await.map_err(in_browser)?;
        let [bob] = cx.people().await?;
        let visitor = cx.newcomer("visitor").await?;
        let chat = cx.chat_of(&[&bob, &visitor]).await?;
        if let Some(before) = before {
            cx.given("send by REST", bob.posts(&chat, before)).await?;
        }
        let url = format!("{}{page}", visitor.client.base());
        let field = enters(&window, &url, &visitor, &chat)
            .await
            .map_err(in_browser)?
            .ok_or_else(|| {
                Failure::Untestable(
                    "on the page, no way was found to choose a chat and to write a message"
                        .to_owned(),
                )
            })?;
        Ok(Self {
            bob: cx.connected(&bob, &chat).await?,
            window,
            field,
            _browser: browser,
        })
    }

    /// Writes into the page's field and sends it: whether Bob hears it. The page may still be connecting, so it
    /// is tried again.
    async fn says(&mut self, content: &str) -> Result<bool, Failure> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let typed = format!("{CONTROL}a{RELEASE}{content}");
            let entered = format!("{typed}{ENTER}");
            self.types(&entered).await?;
            if hears(&mut self.bob, content, ATTEMPT).await.is_ok() {
                return Ok(true);
            }
            let button = find(&self.window, "send button", "").await;
            if let Some(button) = button.map_err(in_browser)? {
                self.types(&typed).await?;
                self.window.clicks_on(&button).await.map_err(in_browser)?;
                if hears(&mut self.bob, content, ATTEMPT).await.is_ok() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn bob_says(&mut self, content: &str) -> Verdict {
        self.bob
            .socket
            .send_text(json!({"content": content}).to_string())
            .await?;
        Ok(())
    }

    async fn expect_shown(&mut self, text: &str, what: &str) -> Verdict {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let script = "return document.body.innerText";
            let shown = self.runs(script).await?;
            if shown.as_str().is_some_and(|shown| shown.contains(text)) {
                return Ok(());
            }
            sleep(BETWEEN_LOOKS).await;
        }
        let shown = self.runs("return document.body.innerText").await?;
        Err(Failure::violation(what, format!("{text:?}"), shown))
    }

    async fn types(&mut self, keys: &str) -> Verdict {
        let typing = self.window.types_into(&self.field, keys);
        typing.await.map_err(in_browser)
    }

    async fn runs(&mut self, script: &str) -> Result<Value, Failure> {
        self.window.runs(script, &[]).await.map_err(in_browser)
    }
}

/// The path of the page, if one is served.
async fn page_of(cx: &Context) -> Result<Option<String>, Failure> {
    let stranger = cx.stranger();
    for path in cx.test_pages() {
        let answer = cx.given("ask for the page", stranger.get(path)).await?;
        let is_html = answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        if answer.status == 200 && is_html && answer.text().contains("<script") {
            return Ok(Some(path.to_owned()));
        }
    }
    Ok(None)
}

/// Logged in by the session's cookie, or by the page's own form where it wants that; then the chat is chosen, from a
/// list or by its id. The field for messages, when it has come to that.
async fn enters(
    window: &Window,
    url: &str,
    visitor: &Person,
    chat: &Chat,
) -> Result<Option<Element>, BrowserError> {
    window.opens(url).await?;
    for name in ["sessionid", "csrftoken"] {
        if let Some(value) = visitor.client.cookie(name) {
            window.has_cookie(name, &value).await?;
        }
    }
    window.opens(url).await?;
    let name = chat.body["name"].as_str().unwrap_or_default();
    let (mut has_logged_in, mut has_chosen) = (false, false);
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        sleep(BETWEEN_LOOKS).await;
        if has_chosen {
            if let Some(field) = find(window, "message field", "").await? {
                return Ok(Some(field));
            }
        } else if let Some(entry) = find(window, "chat", name).await? {
            has_chosen = window.clicks_on(&entry).await.is_ok();
        } else if let Some(field) = find(window, "chat field", "").await? {
            let id = format!("{CONTROL}a{RELEASE}{}", chat.id);
            has_chosen = window.types_into(&field, &id).await.is_ok();
            match find(window, "connect button", "").await? {
                Some(button) => window.clicks_on(&button).await?,
                None => window.types_into(&field, &ENTER.to_string()).await?,
            }
        } else if !has_logged_in
            && let Some(username) = find(window, "username field", "").await?
            && let Some(password) = find(window, "password field", "").await?
        {
            window.types_into(&username, &visitor.username).await?;
            let keys = format!("{}{ENTER}", visitor.password);
            window.types_into(&password, &keys).await?;
            has_logged_in = true;
        }
    }
    Ok(None)
}

async fn find(window: &Window, what: &str, text: &str) -> Result<Option<Element>, BrowserError> {
    let found = window.runs(FINDS, &[json!(what), json!(text)]).await?;
    Ok(Element::named(&found))
}

/// A browser is no part of the target: without one the page cannot be judged, and where it cannot use the page,
/// that is not known to be the page's fault.
fn in_browser(error: BrowserError) -> Failure {
    match error {
        BrowserError::Missing(_) => Failure::NotApplicable(error.to_string()),
        BrowserError::Refused { .. } | BrowserError::Driver(_) => {
            Failure::Untestable(error.to_string())
        }
    }
}

const FINDS: &str = include_str!("test_page.js");
/// Marked, so that what becomes of it can be told from what the page has of its own.
const MARKUP: &str = "<img src=x data-marked=1><b data-marked=2>bold</b>";
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a message sent from the page may take before it is tried another way.
const ATTEMPT: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

// Keys as WebDriver numbers them (§17.4.2); the first lets go of Control.
const RELEASE: char = '\u{e000}';
const ENTER: char = '\u{e007}';
const CONTROL: char = '\u{e009}';
