//! The lines of a script, one for each step of a story.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    report::visible::on_one_line,
    reproduction::{
        names::Names,
        shell::{comment, folded},
        spelling::jar,
    },
    transcript::{Entry, Event, Text},
};

mod frames;

/// A story on its way into a script.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    story: &'a [Entry],
    names: Names,
    lines: Vec<String>,
    /// The numbers of everybody's connections that are not open yet, in the order they will be.
    coming: BTreeMap<&'a str, Vec<u64>>,
    /// The file descriptors of those that are.
    open: BTreeMap<u64, usize>,
    /// Whether a frame is on its way that the next step may depend on.
    sent: bool,
    speaks: bool,
}

impl<'a> Steps<'a> {
    /// Before the first step.
    pub(super) fn new(names: Names, story: &'a [Entry]) -> Self {
        let mut coming: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for entry in story {
            if let Event::Sent { connection, .. } | Event::Heard { connection, .. } = entry.event {
                coming.entry(&entry.who).or_default().insert(connection);
            }
        }
        Self {
            story,
            names,
            lines: Vec::new(),
            coming: coming
                .into_iter()
                .map(|(who, numbers)| (who, numbers.into_iter().collect()))
                .collect(),
            open: BTreeMap::new(),
            sent: false,
            speaks: false,
        }
    }

    /// Takes the `n`-th step.
    pub(super) fn takes(&mut self, n: usize) {
        let Some(entry) = self.story.get(n) else {
            return;
        };
        match &entry.event {
            Event::Request { .. } => {
                self.waits();
                let answer = self.answer_to(n);
                let opens = matches!(answer, Some(Event::Answer { status: 101, .. }));
                if opens && entry.event.is_handshake() {
                    self.connects(entry);
                } else {
                    self.asks(entry, answer);
                }
            }
            Event::Answer { status, body, .. } => {
                let start = on_one_line(&body.text, ANSWER);
                self.says(&format!("the suite got {status} {start}"));
                self.lines.extend(self.names.keys_since(Some(n)));
                self.lines.push(String::new());
            }
            Event::NoAnswer { error } => {
                self.says(&format!("the suite got no answer: {error}"));
                self.lines.push(String::new());
            }
            Event::Sent { connection, frame } => self.sends(&entry.who, *connection, frame),
            Event::Heard { connection, frame } => {
                self.says(&format!(
                    "{}'s connection #{connection} heard {}",
                    entry.who, frame.text
                ));
            }
            Event::Note { text } => self.says(text),
            Event::Introduced { .. } => {}
        }
    }

    /// A comment of its own.
    pub(super) fn says(&mut self, text: &str) {
        self.lines.push(comment(&on_one_line(text, COMMENT)));
    }

    /// After the last step: the names it has learned, the lines, whether frames are spoken.
    pub(super) fn ends(mut self) -> (Names, Vec<String>, bool) {
        if !self.open.is_empty() {
            self.lines
                .push("sleep 1; head -n 50 *.heard # what the connections heard".to_owned());
        }
        (self.names, self.lines, self.speaks)
    }

    fn answer_to(&self, n: usize) -> Option<&'a Event> {
        let who = &self.story.get(n)?.who;
        self.story[n + 1..]
            .iter()
            .find_map(|entry| match &entry.event {
                event @ (Event::Answer { .. } | Event::NoAnswer { .. }) if entry.who == *who => {
                    Some(event)
                }
                _ => None,
            })
    }

    fn asks(&mut self, entry: &Entry, answer: Option<&Event>) {
        let Event::Request {
            method,
            url,
            headers,
            session,
            csrf,
            body,
        } = &entry.event
        else {
            return;
        };
        let (base, path) = self.names.place(url);
        let jar = jar(&entry.who);
        let mut words = vec!["curl -sS -i".to_owned()];
        match (method.as_str(), body) {
            ("GET", None) | ("POST", Some(_)) => {}
            ("HEAD", None) => words.push("--head".to_owned()),
            _ => words.push(format!("-X {}", self.names.text(method))),
        }
        if path.contains(['[', ']', '{', '}']) {
            words.push("--globoff".to_owned());
        }
        if path.contains("/.") {
            words.push("--path-as-is".to_owned());
        }
        let brings = |name: &str| {
            headers
                .iter()
                .any(|(header, _)| header.eq_ignore_ascii_case(name))
        };
        if !brings("cookie") {
            words.push(match (self.names.is_first(url), session) {
                (true, _) => format!("-b {jar}.jar -c {jar}.jar"),
                (false, true) => format!("-H \"Cookie: $(cookies {jar})\""),
                (false, false) => String::new(),
            });
        }
        if *csrf {
            words.push(format!("-H \"X-CSRFToken: $(cookie {jar} csrftoken)\""));
        }
        for (name, value) in headers {
            words.push(format!(
                "-H {}",
                self.names.text(&format!("{name}: {value}"))
            ));
        }
        if entry.event.is_handshake() {
            words.push(
                "--http1.1 --max-time 5 -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='"
                    .to_owned(),
            );
        }
        if let Some((media, body)) = body {
            self.gives_body(&mut words, media, body, brings("content-type"));
        }
        words.push(format!("\"{base}\"{}", self.names.path(path)));
        words.retain(|word| !word.is_empty());

        let mut line = folded(&words);
        let body = match answer {
            Some(Event::Answer { body, .. }) => Some(body),
            _ => None,
        };
        if let Some(name) = self.names.learns_id(&entry.who, method, path, body) {
            line = format!("{name}=$({line} | id)");
        }
        self.lines.push(line);
    }

    fn gives_body(&mut self, words: &mut Vec<String>, media: &str, body: &Text, named: bool) {
        if body.cut {
            self.says(&format!(
                "the next body has {} bytes, of which only the beginning is known",
                body.bytes
            ));
        } else if body.text.contains('\u{fffd}') {
            self.says("the next body holds bytes that are no text; U+FFFD stands for them");
        }
        if media == "multipart/form-data" && !named {
            let fields = body.text.lines().filter(|field| field.contains('='));
            words.extend(fields.map(|field| format!("--form-string {}", self.names.text(field))));
            return;
        }
        if !named {
            words.push(format!(
                "-H {}",
                self.names
                    .text(&format!("Content-Type: {media}"))
                    .replace("'Content-Type: '", "Content-Type:")
            ));
        }
        words.push(format!("--data-raw {}", self.names.body(&body.text)));
    }

    /// A frame has to be there before the next request asks what became of it.
    fn waits(&mut self) {
        if std::mem::take(&mut self.sent) {
            self.lines.push("sleep 1".to_owned());
        }
    }
}

/// How many characters of an answer a comment repeats.
const ANSWER: usize = 100;
/// How many characters a comment has.
const COMMENT: usize = 200;
