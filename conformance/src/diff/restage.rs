//! A recorded question by itself: a short story that puts its people in their places, and then asks it.

use chat_fixtures::replay::{Case, LIVE, Recording, Request, Rest};
use serde_json::Value;

use super::step::{makes_chat, sends};

/// The story. Whether it shows what the question showed in its place in the recording has to be seen: what the
/// recording asked in between may matter.
pub(super) fn restaged(recording: &Recording, case: &Case) -> Vec<Case> {
    let text = text_of(&case.request);
    let needs_live_chat = text.contains(LIVE)
        || matches!(
            &case.request,
            Request::Talk {
                websocket: None,
                ..
            }
        );
    let mut story: Vec<Case> = Vec::new();
    let mut people: Vec<&str> = Vec::new();
    for (name, registration) in registrations(recording) {
        let takes_part = who(case) == Some(name)
            || text.contains(&format!("<{name}>"))
            || text.contains(&format!("<{name}'s session>"))
            || (text.contains(&format!("\"{name}\"")) && text.contains("/api/login/"))
            || (needs_live_chat && ["alice", "bob"].contains(&name));
        if takes_part && registration.case != case.case {
            story.push(registration.clone());
            people.push(name);
        }
    }
    if let Some(first) = people.first() {
        let asks = who(case)
            .filter(|who| people.contains(who))
            .unwrap_or(first);
        let others: Vec<_> = people.iter().copied().filter(|who| *who != asks).collect();
        let messages = numbers(&text, "<message ");
        let mut chats = numbers(&text, "<chat ");
        if chats.is_empty() && !messages.is_empty() {
            chats.push(1);
        }
        for chat in &chats {
            story.push(makes_chat(asks, *chat, "chat", &others));
        }
        for (message, chat) in messages.iter().zip(chats.iter().cycle()) {
            let path = format!("/api/chats/<chat {chat}>/send_message/");
            let body = serde_json::json!({"content": "hello"});
            let mut send = sends(asks, "POST", &path, &body);
            send.response = serde_json::json!({"body": {"id": format!("<message {message}>")}});
            story.push(send);
        }
    }
    story.push(case.clone());
    story
}

/// Everybody who registers in the recording, with the case in which they do.
fn registrations(recording: &Recording) -> impl Iterator<Item = (&str, &Case)> {
    recording.cases().iter().filter_map(|case| {
        let registers = matches!(&case.request, Request::Rest(rest) if is_registration(rest));
        let name = case
            .response
            .pointer("/body/username")
            .and_then(Value::as_str);
        name.filter(|_| registers && case.response["status"] == 201)
            .map(|name| (name, case))
    })
}

fn is_registration(rest: &Rest) -> bool {
    rest.method == "POST" && rest.path == "/api/register/" && rest.json.is_some()
}

/// Whose session asks: `otto` also where the recording says `otto on the phone`.
fn who(case: &Case) -> Option<&str> {
    let name = super::step::who(case)?;
    name.split([' ', ',']).next()
}

/// All that a request says, in which its symbols stand.
fn text_of(request: &Request) -> String {
    format!("{request:?}").replace("\\\"", "\"")
}

/// The numbers of the symbols that begin so.
fn numbers(text: &str, start: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text
        .split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.0.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::diff::{finding::steps, step::line};

    fn story(name: &str) -> Vec<String> {
        let recording = Recording::observed().unwrap();
        let case = recording.case(name).unwrap();
        restaged(&recording, case).iter().map(line).collect()
    }

    #[test]
    fn a_question_brings_its_people_and_its_chat() {
        let recording = Recording::observed().unwrap();
        for case in recording.cases() {
            let story = restaged(&recording, case);
            assert_eq!(story.last().unwrap().case, case.case);
            assert!(steps(&story) <= 2, "{}: {:?}", case.case, story);
        }
        assert_eq!(story("ws anonymous").len(), 3);
    }
}
