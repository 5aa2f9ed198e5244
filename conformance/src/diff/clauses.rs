//! The clause that a difference in an answer to a recorded question belongs to, where there is one that says most.

use chat_fixtures::replay::{Case, Exchange, Live, Request};

use super::step::asked;

/// What the clauses of a kind of question are.
struct Row {
    asked: &'static str,
    /// When the original does what is asked.
    done: &'static str,
    /// When it refuses.
    refused: &'static str,
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { asked: "POST /api/register/", done: "REG-1", refused: "REG-5" },
    Row { asked: "POST /api/login/", done: "AUTH-1", refused: "AUTH-8" },
    Row { asked: "POST /api/logout/", done: "AUTH-4", refused: "AUTH-8" },
    Row { asked: "GET /api/me/", done: "AUTH-3", refused: "AUTH-8" },
    Row { asked: "POST /api/chats/", done: "CHAT-1", refused: "CHAT-5" },
    Row { asked: "GET /api/chats/", done: "CHAT-2", refused: "AUTH-8" },
    Row { asked: "GET /api/chats/{id}/", done: "CHAT-3", refused: "CHAT-5" },
    Row { asked: "PUT /api/chats/{id}/", done: "CHAT-6", refused: "CHAT-5" },
    Row { asked: "PATCH /api/chats/{id}/", done: "CHAT-6", refused: "CHAT-5" },
    Row { asked: "DELETE /api/chats/{id}/", done: "CHAT-7", refused: "CHAT-5" },
    Row { asked: "POST /api/chats/{id}/send_message/", done: "SEND-1", refused: "SEND-6" },
    Row { asked: "GET /api/chats/{id}/messages/", done: "HIST-1", refused: "HIST-4" },
    Row { asked: "GET /api/messages/", done: "HIST-3", refused: "HIST-4" },
    Row { asked: "GET /api/messages/{id}/", done: "HIST-3", refused: "HIST-4" },
    Row { asked: "GET /api/", done: "HTTP-4", refused: "AUTH-8" },
    Row { asked: "handshake", done: "WS-1", refused: "WS-2p" },
    Row { asked: "frame", done: "WS-3", refused: "WS-5" },
    Row { asked: "ws fan-out", done: "WS-3", refused: "WS-3" },
    Row { asked: "ws reply", done: "WS-9", refused: "WS-9" },
    Row { asked: "ws error is private", done: "WS-6", refused: "WS-6" },
    Row { asked: "ws hears nothing of a REST send", done: "SEND-8", refused: "SEND-8" },
    Row { asked: "history holds both ways of sending", done: "HIST-2", refused: "HIST-2" },
    Row { asked: "ws after logout, same connection", done: "AUTH-9", refused: "AUTH-9" },
    Row { asked: "ws after the chat is deleted", done: "WS-22", refused: "WS-22" },
];

/// The clause.
pub(super) fn clause_of(case: &Case, exchange: &Exchange) -> Option<&'static str> {
    let places = &exchange.places;
    let all_begin = |start: &str| places.iter().all(|place| place.at.starts_with(start));
    if all_begin("headers/set-cookie") {
        return Some("AUTH-6");
    }
    if all_begin("headers/") {
        return Some("HTTP-3");
    }
    let asked = asked(case);
    let row = ROWS.iter().find(|row| row.asked == asked)?;
    let is_done = match &case.request {
        Request::Talk { .. } | Request::Live(Live::Says { .. }) => {
            let said = exchange.original.to_string();
            said.contains("\"type\":\"message\"")
        }
        _ => exchange.original["status"]
            .as_u64()
            .is_none_or(|status| status < 300),
    };
    Some(if is_done { row.done } else { row.refused })
}

#[cfg(test)]
mod tests {
    use chat_fixtures::contract::clause;

    use super::*;

    #[test]
    fn every_row_names_clauses_that_there_are() {
        for row in ROWS {
            for id in [row.done, row.refused] {
                assert!(clause(id).is_some(), "{}: {id}", row.asked);
            }
        }
    }
}
