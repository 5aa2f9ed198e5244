//! A story as a shell script that plays it on both servers, one after the other.

use chat_fixtures::replay::{Case, LIVE, LIVE_CHAT, Live, Request, Rest};
use tokio_tungstenite::tungstenite::Message;

use super::{
    kinds::NOBODY,
    step::{hex, line, prepares_somebody, shown, who},
};

/// The script: `curl` for requests, `websocat` for frames. It registers people of its own.
pub(super) fn script(title: &str, story: &[Case], bases: [&str; 2]) -> String {
    let mut lines = vec![
        "#!/usr/bin/env bash".to_owned(),
        comment(&format!(
            "{title}, by hand on both. It needs curl{}.",
            if story.iter().any(speaks) {
                ", and websocat for frames"
            } else {
                ""
            }
        )),
        PRELUDE.trim_end().to_owned(),
        "story() {".to_owned(),
    ];
    for name in not_registered_by(story) {
        lines.push(format!("    register {name}; login {name}"));
    }
    for step in story {
        lines.push(format!("    {}", comment(&line(step))));
        lines.push(format!("    {}", command(step)));
    }
    lines.push("}".to_owned());
    let [original, candidate] = bases.map(quoted);
    lines.push(format!("on original {original}"));
    lines.push(format!("on candidate {candidate}"));
    lines.join("\n") + "\n"
}

fn command(step: &Case) -> String {
    match &step.request {
        Request::Rest(rest) => request(step, rest),
        Request::Live(Live::Opens {
            connection,
            websocket,
            r#as,
        }) => format!("open {connection} {} {}", word(r#as), filled(websocket)),
        Request::Live(Live::Says { connection, frame }) => match frame {
            Message::Text(text) => format!("say {connection} {}", quoted(text)),
            other => format!(
                "say_bytes {connection} {}",
                quoted(&hex(&other.clone().into_data()))
            ),
        },
        Request::Live(Live::Ends { connection }) => format!("hang_up {connection}"),
        Request::Live(Live::Listens) => "sleep 1".to_owned(),
        Request::Talk {
            websocket,
            r#as,
            send,
        } => {
            let path = websocket.as_deref().unwrap_or(LIVE_CHAT);
            let mut lines = Vec::new();
            if path.contains(LIVE) {
                let body = r#"{"name": "live", "participant_ids": [<bob>]}"#;
                let body = filled(body);
                lines.push(format!(
                    "live_chat=$(ask alice POST /api/chats/ '' {body} | tee /dev/stderr | first_id)"
                ));
            }
            lines.push(format!("open 1 {} {}", word(r#as), filled(path)));
            lines.extend(send.iter().map(|frame| format!("say 1 {}", filled(frame))));
            lines.join("\n    ")
        }
        Request::Handshake {
            websocket,
            r#as,
            origin,
            subprotocols,
            headers,
        } => {
            let mut words = vec![format!("handshake {} {}", word(r#as), filled(websocket))];
            let mut header = |name: &str, value: &str| {
                words.push(format!("-H {}", filled(&format!("{name}: {value}"))));
            };
            if let Some(origin) = origin {
                header("Origin", origin);
            }
            if !subprotocols.is_empty() {
                header("Sec-WebSocket-Protocol", &subprotocols.join(", "));
            }
            for (name, lines) in headers {
                lines.iter().for_each(|line| header(name, line));
            }
            words.join(" ")
        }
        Request::Scene(_) => format!(
            ": {}",
            quoted("a scene of several connections: fixtures/recordings/README.md tells it")
        ),
    }
}

fn request(step: &Case, rest: &Rest) -> String {
    let mut words = vec![format!(
        "ask {} {} {}",
        word(&rest.r#as),
        rest.method,
        filled(&rest.path)
    )];
    words.push(if rest.csrf { "csrf" } else { "''" }.to_owned());
    if let Some(body) = rest.json.as_ref() {
        words.push("-H 'Content-Type: application/json'".to_owned());
        words.push(format!("--data-binary {}", filled(&unquoted_ids(body))));
    } else if let Some(body) = &rest.raw {
        words.push(format!("-H 'Content-Type:' --data-binary {}", filled(body)));
    } else if let Some(bytes) = &rest.bytes {
        let bytes = quoted(bytes);
        words.push(format!(
            "-H 'Content-Type:' --data-binary @<(xxd -r -p <<< {bytes})"
        ));
    } else if let Some(fields) = &rest.multipart {
        for (field, value) in fields {
            words.push(format!(
                "--form-string {}",
                filled(&format!("{field}={value}"))
            ));
        }
    }
    for (name, lines) in &rest.headers {
        for line in lines.iter() {
            words.push(format!("-H {}", filled(&format!("{name}: {line}"))));
        }
    }
    let line = words.join(" ");
    match shown(step).and_then(variable) {
        Some(name) => format!("{name}=$({line} | tee /dev/stderr | first_id)"),
        None => line,
    }
}

/// Who has to have an account and a session already.
fn not_registered_by(story: &[Case]) -> Vec<&str> {
    let registered: Vec<_> = story
        .iter()
        .filter(|step| prepares_somebody(step))
        .collect();
    let mut names: Vec<_> = story.iter().filter_map(who).collect();
    let text = format!("{story:?}");
    names.extend(
        ["alice", "bob", "carol", "dave"]
            .into_iter()
            .filter(|name| text.contains(&format!("<{name}>"))),
    );
    names.sort_unstable();
    names.dedup();
    names.retain(|name| {
        ![NOBODY, "stranger"].contains(name)
            && !registered
                .iter()
                .any(|step| who(step) == Some(name) || shown(step) == Some(&format!("<{name}>")))
    });
    names
}

/// The shell variable of a symbol.
fn variable(symbol: &str) -> Option<String> {
    let name = symbol.strip_prefix('<')?.strip_suffix('>')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    is_name.then(|| match name.split_once(' ') {
        Some((kind, n)) => format!("{kind}_{n}"),
        None => format!("id_{name}"),
    })
}

/// JSON in which the symbols of ids stand without the quotes that they have in a recording.
fn unquoted_ids(json: &str) -> String {
    let mut text = String::new();
    let mut rest = json;
    while let Some((before, after)) = rest.split_once("\"<") {
        let symbol = after.split_once(">\"");
        let is_id = symbol.and_then(|(name, _)| variable(&format!("<{name}>")));
        text.push_str(before);
        match (symbol, is_id) {
            (Some((name, after)), Some(_)) => {
                text.push_str(&format!("<{name}>"));
                rest = after;
            }
            _ => {
                text.push_str("\"<");
                rest = after;
            }
        }
    }
    text + rest
}

/// A word of the shell in which symbols are variables.
fn filled(text: &str) -> String {
    let mut word = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let inner = after.split_once('>');
        let value = inner.and_then(|(name, _)| match name {
            "base" => Some("$base".to_owned()),
            "host" => Some("${base#*://}".to_owned()),
            "csrf" => Some("$(cookie csrftoken)".to_owned()),
            _ => match name.strip_suffix("'s session") {
                Some(who) => Some(format!("$(cookie_of {who} sessionid)")),
                None => variable(&format!("<{name}>"))
                    .map(|name| format!("${{{name}-<{}>}}", inner.map_or("", |(name, _)| name))),
            },
        });
        word.push_str(&escaped(before));
        match (inner, value) {
            (Some((_, after)), Some(value)) => {
                word.push_str(&format!("'\"{value}\"'"));
                rest = after;
            }
            _ => {
                word.push('<');
                rest = after;
            }
        }
    }
    word.push_str(&escaped(rest));
    format!("'{word}'")
}

fn escaped(text: &str) -> String {
    text.replace('\'', "'\\''")
}

fn quoted(text: &str) -> String {
    format!("'{}'", escaped(text))
}

/// A name that the script may use as a word and for a file.
fn word(who: &str) -> String {
    who.replace(|c: char| !c.is_alphanumeric(), "-")
}

fn speaks(step: &Case) -> bool {
    matches!(step.request, Request::Live(_) | Request::Talk { .. })
}

fn comment(text: &str) -> String {
    format!("# {}", text.replace('\n', "\\n"))
}

/// What the lines of a script use.
const PRELUDE: &str = include_str!("script/prelude.sh");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::step::{connects, makes_chat, rest, says, sends};

    #[test]
    fn symbols_become_variables_and_people_are_registered() {
        let story = [
            makes_chat("alice", 1, "it's", &["bob"]),
            sends(
                "alice",
                "POST",
                "/api/chats/<chat 1>/send_message/",
                &json!({"content": "<b>"}),
            ),
            connects("bob", 1, 1),
            says(1, "{}".into()),
            rest(NOBODY, "GET", "/api/me/", |_| {}),
        ];
        let script = script("it", &story, ["http://a", "http://b"]);
        for line in [
            "    register alice; login alice",
            "    register bob; login bob",
            r#"    chat_1=$(ask alice POST '/api/chats/' csrf -H 'Content-Type: application/json' --data-binary '{"name":"it'\''s","participant_ids":['"${id_bob-<bob>}"']}' | tee /dev/stderr | first_id)"#,
            r#"    open 1 bob '/ws/chat/'"${chat_1-<chat 1>}"'/'"#,
            "    say 1 '{}'",
            "on candidate 'http://b'",
        ] {
            assert!(script.contains(&format!("{line}\n")), "{line}\n\n{script}");
        }
        assert!(!script.contains("register anonymous"));
    }
}
