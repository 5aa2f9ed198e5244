//! What a check sent and got, with times, kept for the reader of a failure. No secret leaves it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use chat_fixtures::{people::Person, witness::Witness};

use crate::{check::Mismatch, report::CheckResult, run::Run};

mod entry;
mod part;
mod secrets;

pub use entry::{Entry, Event, Text};
use part::Part;
pub(crate) use secrets::SECRETS;
use secrets::{Kind, Secrets};

/// One check's transcript.
#[derive(Debug)]
pub struct Transcript {
    /// Counted up from 1 within this program.
    pub(crate) number: u64,
    began: Instant,
    story: Mutex<Story>,
}

#[derive(Debug, Default)]
struct Story {
    /// As they were; secrets are taken out when somebody reads them, for the one that an early entry
    /// echoes may become known by a late one.
    entries: Vec<Entry>,
    left_out: usize,
    secrets: Secrets,
}

impl Transcript {
    /// An empty one that begins now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            number: NUMBER.fetch_add(1, Ordering::Relaxed) + 1,
            began: Instant::now(),
            story: Mutex::default(),
        })
    }

    /// An empty one of a check of this run, which keeps to itself what the command line sends along.
    pub(crate) fn of_run(run: &Run) -> Arc<Self> {
        let transcript = Self::new();
        for (name, value) in &run.target.reach().headers {
            transcript.hides(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        transcript
    }

    /// The witness of one person's clients.
    pub(crate) fn of(self: &Arc<Self>, who: &str, run: &Arc<Run>) -> Arc<dyn Witness> {
        {
            let secrets = &mut self.story().secrets;
            secrets.learn(Kind::Password, crate::cast::PASSWORD);
            for person in run.cast.people().into_iter().flatten() {
                secrets.learn(Kind::Password, &person.password);
            }
        }
        Arc::new(Part::new(who, self, run))
    }

    /// Says which account plays a part.
    pub(crate) fn introduces(&self, who: &str, person: &Person) {
        let mut cookies = Vec::new();
        for (kind, name, value) in [
            (Kind::Session, "sessionid", person.client.session()),
            (Kind::Csrf, "csrftoken", person.client.csrf_token()),
        ] {
            if let Some(value) = value {
                self.story().secrets.learn(kind, &value);
                cookies.push((name.to_owned(), value));
            }
        }
        let event = Event::Introduced {
            username: person.username.clone(),
            id: person.id,
            cookies,
        };
        self.push(who, event);
    }

    /// Adds a line in the check's own words.
    pub(crate) fn note(&self, text: String) {
        self.push("", Event::Note { text });
    }

    /// Keeps what a header of the command line says out of what is told: wherever it turns up; a short value,
    /// without which no text would be readable, in headers of its name.
    pub fn hides(&self, name: &str, value: &str) {
        let secrets = &mut self.story().secrets;
        secrets.learn_own(name, value);
        secrets.learn(Kind::Header, value);
        // `Bearer abcdef`: a server that tells it again may leave the first word out.
        if let Some((_, credentials)) = value.split_once(' ') {
            secrets.learn(Kind::Header, credentials.trim());
        }
    }

    /// The entries so far, without secrets.
    pub fn entries(&self) -> Vec<Entry> {
        let story = self.story();
        let mut entries: Vec<_> = story
            .entries
            .iter()
            .map(|entry| entry.masked(&story.secrets))
            .collect();
        if story.left_out > 0 {
            let text = format!("{} entries are left out here", story.left_out);
            let at = entries.get(OPENING).map_or(0.0, |entry| entry.at);
            let who = String::new();
            let event = Event::Note { text };
            entries.insert(OPENING.min(entries.len()), Entry { at, who, event });
        }
        entries
    }

    /// Adds what was seen to a result that has to be explained, and takes secrets and excess out of the rest.
    pub(crate) fn explains(&self, result: &mut CheckResult) {
        result.transcript = self.entries();
        let story = self.story();
        let tidy = |text: &str| Text::of(&story.secrets.masked(text, false), TOLD).told();
        result.reason = result.reason.as_deref().map(tidy);
        result.mismatch = result.mismatch.take().map(|mismatch| Mismatch {
            what: tidy(&mismatch.what),
            expected: tidy(&mismatch.expected),
            actual: tidy(&mismatch.actual),
        });
    }

    fn push(&self, who: &str, event: Event) {
        let at = self.began.elapsed().as_secs_f64() * 1000.0;
        let mut story = self.story();
        // The beginning says who plays and where, the end what went wrong.
        if story.entries.len() >= KEPT {
            story.entries.drain(OPENING..OPENING + KEPT / 4);
            story.left_out += KEPT / 4;
        }
        story.entries.push(Entry {
            at,
            who: who.to_owned(),
            event,
        });
    }

    fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many entries a transcript keeps.
const KEPT: usize = 240;
/// How many of them from the beginning, whatever comes.
const OPENING: usize = 40;
/// How many characters of what was expected or came are told.
const TOLD: usize = 8192;
static NUMBER: AtomicU64 = AtomicU64::new(0);

#[cfg(test)]
mod tests;
