//! What people do and see in a window.

use chat_fixtures::browser::Window;
use chat_fixtures::people::Chat;
use serde_json::Value;

/// Returns the new user's id, which the page shows.
pub(crate) async fn registers_by_touch(window: &Window, username: &str) -> u64 {
    window
        .clicks("[data-view=gate] [value=register] + span")
        .await
        .unwrap();
    window.types("[name=username]", username).await.unwrap();
    window.types("[name=password]", PASSWORD).await.unwrap();
    window
        .types("[name=password_confirm]", PASSWORD)
        .await
        .unwrap();
    window.clicks("#enter").await.unwrap();
    window.finds("[data-view=chats]").await.unwrap();
    let id = window.reads("#me span").await.unwrap();
    id.trim_start_matches("id ")
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

pub(crate) async fn registers_by_keyboard(window: &Window, taken: &str, username: &str) {
    // The page begins in the username; the choice between log-in and registration comes before it.
    window.finds("[data-view=gate]").await.unwrap();
    window
        .types(
            ":focus",
            &format!(
                "{SHIFT}{TAB}{RELEASE}{RIGHT}{TAB}{taken}{TAB}{PASSWORD}{TAB}{PASSWORD}{ENTER}"
            ),
        )
        .await
        .unwrap();
    window
        .finds("[name=username][aria-invalid=true]")
        .await
        .unwrap();
    assert_eq!(
        window.reads("#account-error").await.unwrap(),
        "Username: A user with that username already exists."
    );
    // The wrong field has the focus.
    window
        .types(
            "[name=username]:focus",
            &format!("{CONTROL}a{RELEASE}{username}{ENTER}"),
        )
        .await
        .unwrap();
    window.finds("[data-view=chats]").await.unwrap();
}

pub(crate) async fn makes_a_chat(window: &Window, name: &str, participants: &[u64]) -> Chat {
    let ids: Vec<_> = participants.iter().map(u64::to_string).collect();
    // From the chats' heading: refresh, new chat, name, participants.
    let keys = format!("{TAB}{TAB}{ENTER}{TAB}{name}{TAB}{}{ENTER}", ids.join(", "));
    window.types("#chats-title:focus", &keys).await.unwrap();
    window.finds("[data-view=room]").await.unwrap();
    assert_eq!(window.reads("#title").await.unwrap(), name);
    let id = window
        .reads("#chats [aria-current=true] span")
        .await
        .unwrap();
    let id = id
        .trim_start_matches('#')
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    Chat {
        id,
        body: Value::Null,
    }
}

pub(crate) async fn says(window: &Window, text: &str) {
    window
        .types("#content", &format!("{text}{ENTER}"))
        .await
        .unwrap();
}

/// Waits for the message with exactly this text, and there must be one only.
pub(crate) async fn sees_once(window: &Window, text: &str) {
    window
        .finds(&format!("//ol[@id='messages']/li/p[last()][.=\"{text}\"]"))
        .await
        .unwrap();
    let shown = window.runs("return [...document.querySelectorAll('#messages p:last-child')].map(p => p.textContent)", &[]).await.unwrap();
    let times = shown
        .as_array()
        .unwrap()
        .iter()
        .filter(|each| *each == text)
        .count();
    assert_eq!(times, 1, "{text:?} among {shown}");
}

const PASSWORD: &str = "correct-horse-9";

// Keys as WebDriver numbers them (§17.4.2); the first lets go of Shift and Control.
const RELEASE: char = '\u{e000}';
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const SHIFT: char = '\u{e008}';
const CONTROL: char = '\u{e009}';
const RIGHT: char = '\u{e014}';
