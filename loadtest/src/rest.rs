//! REST requests of a run: through Goose, which counts them, and into our own books, which time them from when
//! they were due.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use goose::prelude::{GooseMethod, GooseRequest, GooseUser, TransactionError};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::{
    account::Account,
    clock::Clock,
    histogram::Times,
    metric::Metric,
    tally::{Counts, Requests, Tally},
    target::Target,
};

/// What was requested since the last report.
#[derive(Debug, Default)]
pub struct Books(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    requests: BTreeMap<String, Requests>,
    counts: Counts,
    lateness: Option<Box<Times>>,
}

/// A request as a script of the page makes it.
#[derive(Debug)]
pub struct Ask<'a> {
    /// Its name in all reports, as `POST /api/chats/`: one for each kind, ids left out.
    pub name: &'static str,
    /// The path.
    pub path: &'a str,
    /// Who asks.
    pub account: &'a Account,
    /// The JSON body, if any.
    pub body: Option<&'a Value>,
    /// The status that is right.
    pub expects: StatusCode,
    /// When it was due, in µs since the run's beginning; `None` for now.
    pub due: Option<u64>,
}

impl Books {
    /// Asks, and says what was answered.
    ///
    /// # Errors
    /// Without an answer, or with another status than expected; both are counted.
    pub async fn asks(
        &self,
        user: &mut GooseUser,
        target: &Target,
        clock: Clock,
        ask: &Ask<'_>,
    ) -> Result<Value, Box<TransactionError>> {
        let due = ask.due.unwrap_or_else(|| clock.now());
        let method = ask.name.split(' ').next().unwrap_or_default();
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| format!("{:?} does not begin with a method", ask.name))?;
        let mut builder = user
            .client
            .request(method.clone(), target.url(ask.path))
            .headers(target.headers.clone())
            .headers(headers(target, ask.account)?);
        if let Some(body) = ask.body {
            builder = builder.json(body);
        }
        let request = GooseRequest::builder()
            .method(goose_method(&method)?)
            .path(ask.path)
            // Goose puts the method before the name itself.
            .name(path_of(ask.name))
            .expect_status_code(ask.expects.as_u16())
            .set_request_builder(builder)
            .build();
        let answered = user.request(request).await?;
        let response = match answered.response {
            Ok(response) => response,
            Err(error) => {
                self.writes(ask.name, clock.now().saturating_sub(due), Some(0));
                return Err(format!("{}: {error}", ask.name).into());
            }
        };
        let status = response.status();
        let body = response.bytes().await;
        let took = clock.now().saturating_sub(due);
        let is_right = status == ask.expects && body.is_ok();
        self.writes(ask.name, took, (!is_right).then(|| status.as_u16()));
        let body = body.map_err(|error| format!("{}: {error}", ask.name))?;
        if !is_right {
            let body: String = String::from_utf8_lossy(&body)
                .chars()
                .take(QUOTED)
                .collect();
            return Err(format!("{} was answered with {status}: {body}", ask.name).into());
        }
        // Some answers have no body.
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }

    /// A message was due, and the server has accepted it or not.
    pub fn was_due(&self, is_accepted: bool) {
        let counts = &mut self.open().counts;
        counts.due += 1;
        if is_accepted {
            counts.sent += 1;
        } else {
            counts.unsent += 1;
        }
    }

    /// So many messages were due that nobody will send any more.
    pub fn gives_up(&self, overdue: u64) {
        let counts = &mut self.open().counts;
        counts.due += overdue;
        counts.unsent += overdue;
    }

    /// Who had waited until a message was due began with it at this time: the device was so late. Whoever was still
    /// waiting for an answer then was late because of the server.
    pub fn waited_until(&self, due: u64, now: u64) {
        let mut book = self.open();
        let lateness = book.lateness.get_or_insert_default();
        lateness.record(now.saturating_sub(due));
    }

    /// A message that was accepted is in the history, or is not.
    pub fn compares(&self, is_there: bool) {
        let counts = &mut self.open().counts;
        if is_there {
            counts.in_history += 1;
        } else {
            counts.missing_in_history += 1;
        }
    }

    /// Hands over what was requested since the last time.
    pub fn take(&self) -> Tally {
        let Book {
            requests,
            counts,
            lateness,
        } = std::mem::take(&mut *self.open());
        let lateness = lateness.map(|times| (Metric::Lateness, *times));
        Tally {
            counts,
            requests,
            times: lateness.into_iter().collect(),
            ..Tally::default()
        }
    }

    fn writes(&self, name: &str, took: u64, failure: Option<u16>) {
        let mut book = self.open();
        book.counts.requests += 1;
        let kind = book.requests.entry(name.to_owned()).or_default();
        kind.times.record(took);
        if let Some(status) = failure {
            *kind.failures.entry(status).or_default() += 1;
            book.counts.failed_requests += 1;
        }
    }

    fn open(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn headers(target: &Target, account: &Account) -> Result<HeaderMap, String> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| format!("{}: no header value", account.username))
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value(&account.cookies)?);
    headers.insert("x-csrftoken", value(&account.csrf_token)?);
    // Django asks for it over TLS.
    headers.insert(header::REFERER, value(&target.base)?);
    Ok(headers)
}

fn path_of(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, path)| path)
}

fn goose_method(method: &Method) -> Result<GooseMethod, Box<TransactionError>> {
    goose::goose::goose_method_from_method(method.clone())
}

const QUOTED: usize = 200;
