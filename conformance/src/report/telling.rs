//! A transcript told line by line.

use serde::Serialize;

use crate::{
    plan,
    report::{
        Report,
        page_of::titled,
        visible::{amount, on_one_line, visible},
    },
    transcript::{Entry, Event, Text},
};

/// One line of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    /// Milliseconds since the check began.
    pub(crate) at: String,
    /// Who did or heard it.
    pub(crate) who: String,
    /// `→` asked, `←` was answered, `»` said, `«` heard, `✗` was not answered, `·` a note.
    pub(crate) mark: &'static str,
    /// What the mark means.
    pub(crate) meaning: &'static str,
    /// What happened.
    pub(crate) text: String,
    /// The page of HTML that the text tells by its title.
    pub(crate) page: Option<String>,
    /// The headers chosen or got, as `name: value`.
    pub(crate) headers: Vec<String>,
}

/// The transcript's lines, at most `at_most` characters of each body or frame.
pub(crate) fn lines(report: &Report, transcript: &[Entry], at_most: usize) -> Vec<Line> {
    transcript
        .iter()
        .map(|entry| line(report, entry, at_most))
        .collect()
}

/// The same as plain text, one line each: `   12.3 ms  alice → POST /api/chats/ {…}`.
pub(crate) fn text(report: &Report, transcript: &[Entry], at_most: usize) -> Vec<String> {
    let lines = lines(report, transcript, at_most);
    let width = lines
        .iter()
        .map(|line| line.who.chars().count())
        .max()
        .unwrap_or(0);
    lines
        .into_iter()
        .map(
            |Line {
                 at,
                 who,
                 mark,
                 text,
                 ..
             }| format!("{at:>8} ms  {who:width$} {mark} {text}"),
        )
        .collect()
}

fn line(report: &Report, entry: &Entry, at_most: usize) -> Line {
    let shown = |text: &Text| shown(text, at_most);
    let framed = |text: &Text| match text.bytes {
        0 => "(an empty frame)".to_owned(),
        _ => shown(text),
    };
    let mut page = None;
    let (mark, meaning, text, headers) = match &entry.event {
        Event::Request {
            method,
            url,
            headers,
            session,
            csrf,
            body,
        } => {
            let opens = entry.event.is_handshake();
            let mut text = if opens {
                "opens a WebSocket".to_owned()
            } else {
                method.clone()
            };
            text.push(' ');
            text.push_str(&on_one_line(place(report, url), at_most));
            let mut with = Vec::new();
            if *session {
                with.push("session");
            }
            if *csrf {
                with.push("CSRF token");
            }
            if !with.is_empty() {
                text.push_str(&format!(" [{}]", with.join(", ")));
            }
            if let Some((_, body)) = body {
                text.push(' ');
                text.push_str(&shown(body));
            }
            let headers = headers.iter().filter(|(name, _)| {
                !opens
                    || !OF_EVERY_HANDSHAKE
                        .iter()
                        .any(|of| name.eq_ignore_ascii_case(of))
            });
            ("→", "asked", text, told(headers, at_most))
        }
        Event::Answer {
            status,
            headers,
            body,
            took,
        } => (
            "←",
            "was answered",
            format!(
                "{} ({took:.1} ms)",
                match titled(&format!("{status} {}", body.text)) {
                    Some((short, _)) => {
                        page = Some(visible(&body.text));
                        on_one_line(&short, at_most)
                    }
                    None => format!("{status} {}", shown(body)),
                }
                .trim_end()
            ),
            told(headers.iter(), at_most),
        ),
        Event::NoAnswer { error } => (
            "✗",
            "got no answer",
            on_one_line(error, at_most),
            Vec::new(),
        ),
        Event::Sent { connection, frame } => (
            "»",
            "said",
            format!("#{connection} {}", framed(frame)),
            Vec::new(),
        ),
        Event::Heard { connection, frame } => (
            "«",
            "heard",
            format!("#{connection} {}", framed(frame)),
            Vec::new(),
        ),
        Event::Introduced { username, id, .. } => (
            "·",
            "is",
            format!(
                "is the user {} with id {id}",
                on_one_line(username, at_most)
            ),
            Vec::new(),
        ),
        Event::Note { text } if text.starts_with(plan::SCRIPT) => (
            "·",
            "note",
            "there is a script of it".to_owned(),
            Vec::new(),
        ),
        // The check's own words, which may be a story of many lines, or a plan to copy.
        Event::Note { text } => ("·", "note", visible(text), Vec::new()),
    };
    Line {
        at: format!("{:.1}", entry.at),
        who: on_one_line(&entry.who, 40),
        mark,
        meaning,
        text,
        page,
        headers,
    }
}

/// The path alone where there is only one server to ask.
fn place<'a>(report: &Report, url: &'a str) -> &'a str {
    match report.targets.as_slice() {
        [only] => url.strip_prefix(only.trim_end_matches('/')).unwrap_or(url),
        _ => url,
    }
}

fn told<'a>(headers: impl Iterator<Item = &'a (String, String)>, at_most: usize) -> Vec<String> {
    headers
        .map(|(name, value)| on_one_line(&format!("{name}: {value}"), at_most))
        .collect()
}

fn shown(text: &Text, at_most: usize) -> String {
    let start: String = text.text.chars().take(at_most).collect();
    if text.text.trim().is_empty() && text.bytes > 0 {
        return format!("{:?}", start);
    }
    let rest = if text.cut || start.len() < text.text.len() {
        format!("… ({} in all)", amount(text.bytes, "byte"))
    } else {
        String::new()
    };
    format!("{}{rest}", on_one_line(&start, at_most))
}

/// Headers that say nothing in a handshake.
const OF_EVERY_HANDSHAKE: [&str; 3] = ["connection", "upgrade", "sec-websocket-version"];
