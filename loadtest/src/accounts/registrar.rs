//! Who asks the deployment for accounts and sessions: a few at a time, patiently where it is busy.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client, ClientError},
    reach::Route,
};
use rand::RngExt;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{NoPeople, Progress, Step, book::Credentials};
use crate::account::Account;

/// How people are gathered.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many are registered, logged in or checked at a time. Two for each core of this machine unless given: it is
    /// the server's cores that hash, which nobody knows from here, and one who hashes there and one who is on the way
    /// keep each of them busy; more would wait in line until they time out. A larger server takes more.
    pub jobs: NonZeroUsize,
    /// How often a request is sent at most, where the server is busy (429, 503) or gives no answer.
    pub attempts: u32,
    /// How long to wait before the second attempt; twice as long before each further one, and as long as the
    /// server's `Retry-After` says in any case, up to a minute.
    pub backoff: Duration,
}

/// Asks a deployment for accounts and sessions.
#[derive(Debug)]
pub struct Registrar {
    bases: Vec<String>,
    clients: Vec<Client>,
    options: Options,
    retried: AtomicU64,
}

impl Registrar {
    /// One for the processes at these base URLs, each of which does its share.
    #[must_use]
    pub fn new(route: &Route, bases: &[String], options: Options) -> Self {
        let clients: Vec<_> = bases
            .iter()
            .map(|base| Client::over(route.clone(), base))
            .collect();
        Self {
            bases: clients
                .iter()
                .map(|client| client.base().to_owned())
                .collect(),
            clients,
            options,
            retried: AtomicU64::new(0),
        }
    }

    /// How many requests had to be repeated.
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    pub(super) fn bases(&self) -> &[String] {
        &self.bases
    }

    pub(super) const fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn progress(&self, step: Step, done: usize, of: usize) -> Progress {
        Progress {
            step,
            done,
            of,
            retried: self.retried(),
        }
    }

    /// Registers the `n`-th person and logs it in. Whoever has an account already, from a run that was broken off or
    /// a request whose answer was lost, is known by the password.
    pub(super) async fn registers(
        &self,
        n: usize,
        person: &Credentials,
    ) -> Result<Account, NoPeople> {
        let form = json!({
            "username": person.username,
            "email": format!("{}@example.com", person.username),
            "password": person.password,
            "password_confirm": person.password,
            "user_type": "student",
        });
        let visit = Visit::of(self, n, person, "register");
        let answer = visit
            .asks(Ask::new("POST", "/api/register/").json(&form))
            .await?;
        if is_accepted(&answer) {
            return self.logs_in(n, person).await;
        }
        let refused = visit.refused(&answer, CLOSED);
        match answer.status {
            // What a taken name is answered with (REG-5, REG-7); which field is wrong, the words alone tell.
            400 | 409 => self.logs_in(n, person).await.map_err(|_| refused),
            _ => Err(refused),
        }
    }

    /// Opens a session for the `n`-th person (AUTH-1).
    pub(super) async fn logs_in(
        &self,
        n: usize,
        person: &Credentials,
    ) -> Result<Account, NoPeople> {
        let form = json!({"username": person.username, "password": person.password});
        let visit = Visit::of(self, n, person, "log in");
        let answer = visit
            .asks(Ask::new("POST", "/api/login/").json(&form))
            .await?;
        if !is_accepted(&answer) {
            return Err(visit.refused(&answer, UNKNOWN));
        }
        let (Some(id), Some(session)) = (id_in(&answer), visit.client.session()) else {
            return Err(visit.refused(&answer, NO_SESSION));
        };
        let csrf_token = visit.client.csrf_token().unwrap_or_default();
        let cookies = match csrf_token.is_empty() {
            true => format!("sessionid={session}"),
            false => format!("sessionid={session}; csrftoken={csrf_token}"),
        };
        Ok(Account {
            id,
            username: person.username.clone(),
            password: person.password.clone(),
            cookies,
            csrf_token,
        })
    }

    /// Whether a kept session lives: `GET /api/me/` is a User with one (AUTH-3) and refused without (AUTH-5); it
    /// costs the server one look-up and no hash.
    pub(super) async fn is_alive(&self, n: usize, account: &Account) -> Result<bool, NoPeople> {
        let person = Credentials::of(account);
        let visit = Visit::of(self, n, &person, "use a kept session");
        let answer = visit
            .asks(Ask::new("GET", "/api/me/").header("Cookie", &account.cookies))
            .await?;
        match answer.status {
            // A session of somebody else would be one of another deployment at the same address.
            200 => Ok(id_in(&answer) == Some(account.id)),
            401 | 403 => Ok(false),
            _ => Err(visit.refused(&answer, "")),
        }
    }
}

/// Somebody asks one process for something, with cookies of its own.
struct Visit<'a> {
    registrar: &'a Registrar,
    client: Client,
    person: &'a Credentials,
    what: &'static str,
}

impl<'a> Visit<'a> {
    fn of(registrar: &'a Registrar, n: usize, person: &'a Credentials, what: &'static str) -> Self {
        Self {
            registrar,
            client: registrar.clients[n % registrar.clients.len()].stranger(),
            person,
            what,
        }
    }

    async fn asks(&self, ask: Ask) -> Result<Answer, NoPeople> {
        let Options {
            attempts, backoff, ..
        } = self.registrar.options;
        let mut wait = backoff;
        for _ in 1..attempts {
            let answer = self.client.ask(ask.clone()).await;
            let pause = match &answer {
                Ok(answer) if matches!(answer.status, 429 | 503) => wait.max(retry_after(answer)),
                Err(ClientError::Late { .. } | ClientError::Broken { .. }) => wait,
                _ => return self.answered(answer),
            };
            self.registrar.retried.fetch_add(1, Ordering::Relaxed);
            // Up to half as long again: those who were turned away together do not come back together.
            let spread = rand::rng().random_range(1.0..1.5);
            sleep(pause.min(LONGEST_WAIT).mul_f64(spread)).await;
            wait *= 2;
        }
        self.answered(self.client.ask(ask).await)
    }

    fn answered(&self, answer: Result<Answer, ClientError>) -> Result<Answer, NoPeople> {
        answer.map_err(|reason| NoPeople::NoAnswer {
            username: self.person.username.clone(),
            what: self.what,
            base: self.client.base().to_owned(),
            reason,
        })
    }

    fn refused(&self, answer: &Answer, hint: &'static str) -> NoPeople {
        let body = answer.text();
        let body = match self.person.password.is_empty() {
            true => body,
            false => body.replace(&self.person.password, "<password>"),
        };
        NoPeople::Refused {
            username: self.person.username.clone(),
            what: self.what,
            base: self.client.base().to_owned(),
            status: answer.status,
            body: body.chars().take(QUOTED).collect(),
            hint,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            jobs: cores.saturating_mul(NonZeroUsize::MIN.saturating_add(1)),
            attempts: 6,
            backoff: Duration::from_millis(200),
        }
    }
}

fn is_accepted(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn id_in(answer: &Answer) -> Option<u64> {
    answer.json().ok()?.get("id").and_then(Value::as_u64)
}

/// In seconds; the other form, a date (RFC 9110 §10.2.3), is not waited for.
fn retry_after(answer: &Answer) -> Duration {
    let seconds = answer
        .header("retry-after")
        .and_then(|value| value.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

/// The longest pause between two attempts, whatever the server asks for; half as long again by chance.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const QUOTED: usize = 300;
const CLOSED: &str =
    "; where registration is closed, --accounts takes a file of username:password lines";
const UNKNOWN: &str = "; people of a file of username:password lines have to have accounts there";
const NO_SESSION: &str = "; a User with an id and a cookie named sessionid were due";
