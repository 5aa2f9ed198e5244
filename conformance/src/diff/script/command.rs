//! One step of a story as commands of a shell.

use chat_fixtures::replay::{Case, LIVE_CHAT, Lines, Live, Request, Rest, renamed};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::word::{RUN, filled, filled_json, jar, quoted, token, variable};
use crate::diff::step::shown;

/// The commands, a line each.
pub(super) fn commands(step: &Case) -> Vec<String> {
    match &step.request {
        Request::Rest(rest) => request(step, rest),
        Request::Live(live) => vec![connection(live)],
        Request::Talk {
            websocket,
            r#as,
            send,
        } => {
            let path = websocket.as_deref().unwrap_or(LIVE_CHAT);
            let opens = format!("open 1 {} {}", jar(r#as), filled(r#as, path));
            let says = |frame: &String| format!("say 1 {}", filled(r#as, frame));
            [vec![opens], send.iter().map(says).collect()].concat()
        }
        Request::Handshake {
            websocket,
            r#as,
            origin,
            subprotocols,
            headers: others,
        } => {
            let mut words = vec![format!(
                "handshake {} {}",
                jar(r#as),
                filled(r#as, websocket)
            )];
            let one = |name: &str, value: &str| header(r#as, name, value);
            words.extend(origin.iter().map(|origin| one("Origin", origin)));
            if !subprotocols.is_empty() {
                words.push(one("Sec-WebSocket-Protocol", &subprotocols.join(", ")));
            }
            words.extend(headers(r#as, others));
            vec![words.join(" ")]
        }
        Request::Scene(_) => {
            let told = format!(
                "!! no script plays the scene {:?}: fixtures/recordings/README.md tells what happens in it",
                step.case
            );
            vec![format!("echo {}", quoted(&told))]
        }
    }
}

fn connection(live: &Live) -> String {
    match live {
        Live::Opens {
            connection,
            websocket,
            r#as,
        } => format!(
            "open {connection} {} {}",
            jar(r#as),
            filled(r#as, websocket)
        ),
        Live::Says {
            connection,
            frame: Message::Text(text),
        } => format!("say {connection} {}", quoted(text)),
        Live::Says { connection, frame } => {
            let bytes = frame.clone().into_data();
            format!(
                "say_bytes {connection} \"$({} | base64 -w 0)\"",
                printed(&bytes)
            )
        }
        Live::Ends { connection } => format!("hang_up {connection}"),
        Live::Listens => "sleep 1".to_owned(),
    }
}

fn request(step: &Case, rest: &Rest) -> Vec<String> {
    let who = rest.r#as.as_str();
    let names = |name: &str| {
        rest.headers
            .keys()
            .any(|own| own.eq_ignore_ascii_case(name))
    };
    let mut words = Vec::new();
    if names("Cookie") {
        words.push("jar_sent=/dev/null".to_owned());
    }
    words.push(format!(
        "ask {} {} {}",
        jar(who),
        rest.method,
        filled(who, &rest.path)
    ));
    let is_safe = ["GET", "HEAD", "OPTIONS", "TRACE"].contains(&rest.method.as_str());
    if rest.csrf && !is_safe && !names("X-CSRFToken") {
        words.push(format!("-H \"X-CSRFToken: {}\"", token(who)));
    }
    let media = |media: &str| match names("Content-Type") {
        true => None,
        false => Some(format!("-H 'Content-Type:{media}'")),
    };
    if let Some(body) = &rest.json {
        words.extend(media(" application/json"));
        words.push(data(&filled_json(who, &in_this_run(rest, body))));
    } else if let Some(body) = &rest.raw {
        words.extend(media(""));
        words.push(data(&filled(who, &in_this_run(rest, body))));
    } else if let Some(bytes) = &rest.bytes {
        words.extend(media(""));
        words.push(format!("--data-binary @<({})", printed(&from_hex(bytes))));
    } else if let Some(fields) = &rest.multipart {
        for (field, value) in fields {
            let value = match field.as_str() {
                "username" => format!("{value}<{RUN}>"),
                _ => value.clone(),
            };
            let field = filled(who, &format!("{field}={value}"));
            words.push(format!("--form-string {field}"));
        }
    }
    words.extend(headers(who, &rest.headers));
    let mut lines = vec![words.join(" ")];
    lines.extend(
        shown(step)
            .and_then(variable)
            .map(|name| format!("{name}=$(id)")),
    );
    lines
}

/// Whom this step registers, and what logs them in.
pub(super) fn newcomer(rest: &Rest) -> Option<(String, String)> {
    let form: Value = serde_json::from_str(rest.json.as_ref()?).ok()?;
    let who = form["username"].as_str()?;
    let username = filled(who, &format!("{who}<{RUN}>"));
    let password = quoted(form["password"].as_str()?);
    let login = format!("login {} {username} {password}", jar(who));
    Some((who.to_owned(), login))
}

/// Who logs in and registers is called otherwise in each run of a script.
fn in_this_run(rest: &Rest, body: &str) -> String {
    match rest.path.as_str() {
        "/api/login/" | "/api/register/" => renamed(body, &format!("<{RUN}>")),
        _ => body.to_owned(),
    }
}

fn headers<'a>(
    who: &'a str,
    headers: impl IntoIterator<Item = (&'a String, &'a Lines)>,
) -> impl Iterator<Item = String> {
    let each = move |(name, lines): (&'a String, &'a Lines)| {
        lines.iter().map(move |line| header(who, name, line))
    };
    headers.into_iter().flat_map(each)
}

/// One header; curl takes one without a value for one to leave out, unless a semicolon ends it.
fn header(who: &str, name: &str, value: &str) -> String {
    match value {
        "" => format!("-H '{name};'"),
        _ => format!("-H {}", filled(who, &format!("{name}: {value}"))),
    }
}

/// A body; one that is longer than a word may be is printed by the shell itself.
fn data(word: &str) -> String {
    match word.len() {
        ..LONGEST => format!("--data-raw {word}"),
        _ => format!("--data-binary @<(printf %s {word})"),
    }
}

/// A command that prints bytes.
fn printed(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("printf '{escaped}'")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// How long a word of a command may be, in bytes: Linux takes 128 KiB.
const LONGEST: usize = 100_000;
