//! Listening for one thing among others: what else comes is for other checks to judge.

use std::time::Duration;

use chat_fixtures::{people::Connection, socket::Heard};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    check::{Failure, Verdict},
    expect::expect,
};

/// Reads until a message with this content comes, and gives it.
///
/// # Errors
/// The end of the connection, or [`Heard::Nothing`] when it did not come within the time given.
pub(crate) async fn hears(
    connection: &mut Connection,
    content: &str,
    within: Duration,
) -> Result<Value, Heard> {
    let wanted = |message: &Value| message["content"] == content;
    let deadline = Instant::now() + within;
    loop {
        match next_before(connection, deadline).await {
            Heard::Text(text) => {
                if let Some(message) = message_in(&text).filter(wanted) {
                    return Ok(message);
                }
            }
            end @ (Heard::Closed(..) | Heard::Nothing) => return Err(end),
            Heard::Binary(_) | Heard::Pong(_) => {}
        }
    }
}

/// Reads until the connection ends: the close code, `None` when it does not within the time given.
pub(crate) async fn ends(connection: &mut Connection, within: Duration) -> Option<u16> {
    let deadline = Instant::now() + within;
    loop {
        match next_before(connection, deadline).await {
            Heard::Closed(code, _) => return Some(code),
            Heard::Nothing => return None,
            Heard::Text(_) | Heard::Binary(_) | Heard::Pong(_) => {}
        }
    }
}

/// The connection is closed with this code within the time given.
///
/// # Errors
/// A violation that names the other code, or says that it is open still.
pub(crate) async fn expect_end(
    connection: &mut Connection,
    code: u16,
    within: Duration,
    what: &str,
) -> Verdict {
    let end = ends(connection, within).await;
    expect(
        end == Some(code),
        what,
        format!("closed with {code} within {within:?}"),
        end.map_or_else(
            || "open still".to_owned(),
            |end| format!("closed with {end}"),
        ),
    )
}

/// A message with this content comes within the time given.
///
/// # Errors
/// A violation that shows the connection's end or its silence.
pub(crate) async fn expect_heard(
    connection: &mut Connection,
    content: &str,
    within: Duration,
    what: &str,
) -> Result<Value, Failure> {
    hears(connection, content, within).await.map_err(|instead| {
        let expected = format!("the message {:?} within {within:?}", beginning(content));
        Failure::violation(what, expected, instead)
    })
}

/// The Message in a frame that holds one.
pub(crate) fn message_in(text: &str) -> Option<Value> {
    let mut event: Value = serde_json::from_str(text).ok()?;
    (event["type"] == "message").then(|| event["message"].take())
}

async fn next_before(connection: &mut Connection, deadline: Instant) -> Heard {
    let left = deadline.saturating_duration_since(Instant::now());
    connection.socket.next_within(left).await
}

fn beginning(content: &str) -> String {
    content.chars().take(SHOWN).collect()
}

/// How many characters of a content a failure shows.
const SHOWN: usize = 80;
