//! One step of a story: a question in the language of recordings, as it is made and as it is told.

use std::collections::BTreeMap;

use chat_fixtures::replay::{Case, LIVE_CHAT, Live, Request, Rest};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::report::visible::on_one_line;

/// A request with a JSON body.
pub(super) fn sends(who: &str, method: &str, path: &str, body: &Value) -> Case {
    rest(who, method, path, |rest| {
        rest.json = Some(body.to_string());
    })
}

/// Any request.
pub(super) fn rest(who: &str, method: &str, path: &str, with: impl FnOnce(&mut Rest)) -> Case {
    let mut rest = Rest {
        r#as: who.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        headers: BTreeMap::new(),
        csrf: true,
        json: None,
        raw: None,
        bytes: None,
        multipart: None,
    };
    with(&mut rest);
    case(Request::Rest(rest), Value::Null)
}

/// Somebody registers; from then on `<name>` is their id.
pub(super) fn registers(who: &str) -> Case {
    let body = json!({
        "username": who,
        "email": format!("{who}@example.com"),
        "password": PASSWORD,
        "password_confirm": PASSWORD,
    });
    showing(
        sends(who, "POST", "/api/register/", &body),
        &format!("<{who}>"),
    )
}

/// Somebody logs in.
pub(super) fn logs_in(who: &str) -> Case {
    let body = json!({"username": who, "password": PASSWORD});
    sends(who, "POST", "/api/login/", &body)
}

/// Somebody makes the `n`-th chat of the story with others.
pub(super) fn makes_chat(who: &str, n: u32, name: &str, with: &[&str]) -> Case {
    let ids: Vec<_> = with.iter().map(|who| format!("<{who}>")).collect();
    let body = json!({"name": name, "participant_ids": ids});
    showing(
        sends(who, "POST", "/api/chats/", &body),
        &format!("<chat {n}>"),
    )
}

/// Somebody connects to the `n`-th chat.
pub(super) fn connects(who: &str, connection: u32, n: u32) -> Case {
    let opens = Live::Opens {
        connection,
        websocket: format!("/ws/chat/<chat {n}>/"),
        r#as: who.to_owned(),
    };
    case(Request::Live(opens), Value::Null)
}

/// A frame is sent.
pub(super) fn says(connection: u32, frame: Message) -> Case {
    case(Request::Live(Live::Says { connection, frame }), Value::Null)
}

/// A step whose answer need not be like any other.
pub(super) fn case(request: Request, response: Value) -> Case {
    Case {
        case: String::new(),
        request,
        response,
        hardened: None,
    }
}

/// The same step, whose answer shows the id of what is called so from then on.
fn showing(mut step: Case, symbol: &str) -> Case {
    step.response = json!({"body": {"id": symbol}});
    step
}

/// The symbol that a step's answer gives an id to.
pub(super) fn shown(step: &Case) -> Option<&str> {
    step.response.pointer("/body/id")?.as_str()
}

/// Whether it is there to have somebody with an account and a session.
pub(super) fn prepares_somebody(step: &Case) -> bool {
    matches!(&step.request, Request::Rest(rest)
        if rest.method == "POST" && matches!(rest.path.as_str(), "/api/register/" | "/api/login/"))
}

/// Who takes the step.
pub(super) fn who(step: &Case) -> Option<&str> {
    match &step.request {
        Request::Rest(rest) => Some(&rest.r#as),
        Request::Talk { r#as, .. } | Request::Handshake { r#as, .. } => Some(r#as),
        Request::Live(Live::Opens { r#as, .. }) => Some(r#as),
        Request::Live(_) | Request::Scene(_) => None,
    }
}

/// What kind of question it is: the method and the path, with `{id}` for ids.
pub(super) fn asked(step: &Case) -> String {
    match &step.request {
        Request::Rest(rest) => format!("{} {}", rest.method, route(&rest.path)),
        Request::Handshake { .. } | Request::Live(Live::Opens { .. }) => "handshake".to_owned(),
        Request::Talk { .. } | Request::Live(_) => "frame".to_owned(),
        Request::Scene(_) => step.case.clone(),
    }
}

/// The step in one line.
pub(super) fn line(step: &Case) -> String {
    let text = match &step.request {
        Request::Rest(rest) => {
            let mut text = format!("{} → {} {}", rest.r#as, rest.method, rest.path);
            for (name, lines) in &rest.headers {
                for line in lines.iter() {
                    text.push_str(&format!(" [{name}: {line}]"));
                }
            }
            if !rest.csrf {
                text.push_str(" [no CSRF token]");
            }
            if let Some(body) = rest.json.as_ref().or(rest.raw.as_ref()) {
                text.push_str(&format!(" {body}"));
            }
            if let Some(bytes) = &rest.bytes {
                text.push_str(&format!(" bytes {bytes}"));
            }
            if let Some(fields) = &rest.multipart {
                text.push_str(&format!(" form {}", json!(fields)));
            }
            text
        }
        Request::Talk {
            websocket,
            r#as,
            send,
        } => {
            let path = websocket.as_deref().unwrap_or(LIVE_CHAT);
            format!("{as} connects to {path} and says {}", send.join(" "))
        }
        Request::Handshake {
            websocket,
            r#as,
            origin,
            subprotocols,
            headers,
        } => {
            let mut text = format!("{as} connects to {websocket}");
            if let Some(origin) = origin {
                text.push_str(&format!(" [Origin: {origin}]"));
            }
            for subprotocol in subprotocols {
                text.push_str(&format!(" [subprotocol {subprotocol}]"));
            }
            for (name, lines) in headers {
                for line in lines.iter() {
                    text.push_str(&format!(" [{name}: {line}]"));
                }
            }
            text
        }
        Request::Live(Live::Opens {
            connection,
            websocket,
            r#as,
        }) => format!("{as} connects to {websocket} (connection {connection})"),
        Request::Live(Live::Says { connection, frame }) => match frame {
            Message::Text(text) => format!("connection {connection} says {text}"),
            other => format!(
                "connection {connection} says {} bytes in a binary frame",
                other.len()
            ),
        },
        Request::Live(Live::Ends { connection }) => format!("connection {connection} is closed"),
        Request::Live(Live::Listens) => "everybody tells what they have heard".to_owned(),
        Request::Scene(_) => format!("the scene {:?}", step.case),
    };
    on_one_line(&text, SHOWN)
}

/// Bytes in hexadecimal, as recordings have what is not text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path with `{id}` in the place of what names a chat or a message.
fn route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut route = Vec::new();
    let mut after = "";
    for part in path.split('/') {
        let is_id = matches!(after, "chats" | "messages" | "chat") && !part.is_empty();
        route.push(if is_id { "{id}" } else { part });
        after = part;
    }
    route.join("/")
}

/// Everybody's password, as in the recordings.
pub(super) const PASSWORD: &str = "correct-horse-9";
/// How many characters of a step are told.
const SHOWN: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_question_knows_no_ids() {
        for (path, kind) in [
            (
                "/api/chats/<chat 1>/send_message/",
                "GET /api/chats/{id}/send_message/",
            ),
            ("/api/chats/7/messages/", "GET /api/chats/{id}/messages/"),
            ("/api/messages/?page=2", "GET /api/messages/"),
            ("/api/me/", "GET /api/me/"),
        ] {
            assert_eq!(asked(&rest("alice", "GET", path, |_| {})), kind);
        }
    }
}
