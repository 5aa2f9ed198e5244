//! The witness of one person's clients: writes down what they do, and remembers the chats they make.

use std::sync::Arc;

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client},
    socket::Heard,
    witness::{Seen, Witness},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    run::Run,
    transcript::{
        Event, Text, Transcript,
        entry::{HEADER, SHOWN},
        secrets::Kind,
    },
};

/// One person's part in a transcript.
#[derive(Debug)]
pub(super) struct Part {
    who: String,
    transcript: Arc<Transcript>,
    run: Arc<Run>,
}

impl Witness for Part {
    fn sees(&self, seen: &Seen<'_>) {
        self.learns_secrets(seen);
        let event = match *seen {
            Seen::Asked { client, ask } => request(client, ask),
            Seen::Answered {
                client,
                ask,
                answer,
            } => {
                self.minds_what_stays(client, ask, answer);
                Event::Answer {
                    status: answer.status,
                    headers: headers(answer),
                    body: Text::of_bytes(&answer.body),
                    took: answer.elapsed.as_secs_f64() * 1000.0,
                }
            }
            Seen::Unanswered { error, .. } => Event::NoAnswer {
                error: Text::of(&error.to_string(), SHOWN).text,
            },
            Seen::Said {
                connection,
                message,
            } => Event::Sent {
                connection,
                frame: frame(message),
            },
            Seen::Heard { connection, heard } => Event::Heard {
                connection,
                frame: match heard {
                    Heard::Text(text) => Text::of(text, SHOWN),
                    other => Text::of(&format!("({other})"), SHOWN),
                },
            },
        };
        self.transcript.push(&self.who, event);
    }
}

impl Part {
    /// The part `who` plays.
    pub(super) fn new(who: &str, transcript: &Arc<Transcript>, run: &Arc<Run>) -> Self {
        Self {
            who: who.to_owned(),
            transcript: transcript.clone(),
            run: run.clone(),
        }
    }

    fn learns_secrets(&self, seen: &Seen<'_>) {
        let mut story = self.transcript.story();
        let secrets = &mut story.secrets;
        match seen {
            Seen::Asked { client, ask } => {
                secrets.learn_url(client.base());
                for (kind, value) in [
                    (Kind::Session, client.session()),
                    (Kind::Csrf, client.csrf_token()),
                ] {
                    secrets.learn(kind, &value.unwrap_or_default());
                }
                for (name, value) in ask.headers() {
                    secrets.learn_header(name, value);
                }
                if let Some((_, bytes)) = ask.payload() {
                    secrets.learn_body(&bytes[..bytes.len().min(SEARCHED)]);
                }
            }
            Seen::Answered { answer, .. } => {
                for (name, value) in headers(answer) {
                    secrets.learn_header(&name, &value);
                }
                secrets.learn_page(&Text::of_bytes(&answer.body).text);
            }
            Seen::Unanswered { .. } | Seen::Said { .. } | Seen::Heard { .. } => {}
        }
    }

    /// A chat that was made has to be removed at the end, one that was deleted has not; an account stays.
    fn minds_what_stays(&self, client: &Client, ask: &Ask, answer: &Answer) {
        let path = ask.path();
        let made = ask.method() == "POST" && (200..300).contains(&answer.status);
        if made && path.ends_with("/api/chats/") {
            let id = answer.json().ok().and_then(|body| body.get("id")?.as_u64());
            if let Some(id) = id {
                self.run
                    .remember_chat(id, client.clone(), self.transcript.number);
            }
        } else if made && path.ends_with("/api/register/") {
            let name = answer.json().ok();
            let name = name
                .as_ref()
                .and_then(|body| body.get("username")?.as_str());
            if let Some(name) = name {
                self.run.remember_account(name.to_owned());
            }
        } else if ask.method() == "DELETE" && answer.status == 204 {
            let id = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .and_then(|id| id.parse().ok());
            if let Some(id) = id {
                self.run.forget_chat(id);
            }
        }
    }
}

fn request(client: &Client, ask: &Ask) -> Event {
    let brings = |header: &str| {
        ask.headers()
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(header))
    };
    Event::Request {
        method: ask.method().to_owned(),
        url: Text::of(&format!("{}{}", client.base(), ask.path()), SHOWN).told(),
        headers: ask
            .headers()
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("sec-websocket-key"))
            .map(|(name, value)| {
                (
                    Text::of(name, HEADER).told(),
                    Text::of(value, HEADER).told(),
                )
            })
            .collect(),
        session: client.session().is_some() && !brings("cookie"),
        csrf: ask.sends_csrf() && client.csrf_token().is_some() && !brings("x-csrftoken"),
        body: ask
            .payload()
            .map(|(media, bytes)| (media.to_owned(), Text::of_bytes(&bytes))),
    }
}

fn headers(answer: &Answer) -> Vec<(String, String)> {
    answer
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), Text::of(&value, HEADER).told())
        })
        .collect()
}

fn frame(message: &Message) -> Text {
    match message {
        Message::Text(text) => Text::of(text.as_str(), SHOWN),
        Message::Binary(bytes) => Text::of(&format!("(binary, {} bytes)", bytes.len()), SHOWN),
        Message::Ping(_) => Text::of("(ping)", SHOWN),
        Message::Pong(_) => Text::of("(pong)", SHOWN),
        Message::Close(None) => Text::of("(close)", SHOWN),
        Message::Close(Some(close)) => {
            Text::of(&format!("(close {} {})", close.code, close.reason), SHOWN)
        }
        Message::Frame(frame) => Text::of(
            &format!("(a single frame of {} bytes)", frame.payload().len()),
            SHOWN,
        ),
    }
}

/// How many bytes of a body are searched for secrets.
const SEARCHED: usize = 64 << 10;
