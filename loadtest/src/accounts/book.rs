//! What the file of a pool says: whose people these are, who has a session, who is still to come.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
};

use rand::{
    RngExt,
    distr::{Alphanumeric, SampleString},
};
use serde::{Deserialize, Serialize};

use crate::account::Account;

/// The content of a pool's file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Book {
    /// [`FORMAT`].
    format: String,
    /// [`VERSION`].
    version: u32,
    /// What the names of this pool's people share.
    pool: String,
    /// The base URLs at which they were used, without a slash at the end.
    pub(super) deployment: Vec<String>,
    /// How many names have been given out.
    next: u64,
    /// Who has been there, with the session of the last time.
    pub(super) accounts: Vec<Account>,
    /// Who has a name and a password, and may or may not have an account by now.
    pub(super) planned: VecDeque<Credentials>,
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Credentials {
    pub(super) username: String,
    pub(super) password: String,
}

impl Book {
    /// An empty one, with a name of its own: two pools of one deployment never share people.
    pub(super) fn new() -> Self {
        let mut random = rand::rng();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            pool: (0..NAME)
                .map(|_| LETTERS[random.random_range(0..LETTERS.len())] as char)
                .collect(),
            deployment: Vec::new(),
            next: 0,
            accounts: Vec::new(),
            planned: VecDeque::new(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with the text, as the end of a sentence that begins with the file's name.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        // The reason may quote the text around it, and with it a password: the place alone is told.
        let broken = |error: &serde_json::Error| {
            format!(
                "is not whole (line {}, column {})",
                error.line(),
                error.column()
            )
        };
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| broken(&error))?;
        match Head::deserialize(&value) {
            Ok(head) if head.format != FORMAT => Err("is no file of accounts".to_owned()),
            Ok(head) if head.version != VERSION => Err(format!(
                "is of version {}, and this program reads version {VERSION}",
                head.version
            )),
            Ok(_) => serde_json::from_str(text).map_err(|error| broken(&error)),
            Err(_) => Err("is no file of accounts".to_owned()),
        }
    }

    /// Writes it.
    pub(super) fn write(&self) -> serde_json::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Whether these are the people of the deployment at these base URLs: one that both know will do, for a
    /// deployment has one process more today than yesterday.
    pub(super) fn is_of(&self, bases: &[String]) -> bool {
        self.deployment.is_empty() || bases.iter().any(|base| self.deployment.contains(base))
    }

    /// They are used at these base URLs too.
    pub(super) fn is_used_at(&mut self, bases: &[String]) {
        let all: BTreeSet<String> = self
            .deployment
            .drain(..)
            .chain(bases.iter().cloned())
            .collect();
        self.deployment.extend(all);
    }

    /// Plans so many more people.
    pub(super) fn plans(&mut self, more: usize) {
        for _ in 0..more {
            self.planned.push_back(Credentials {
                username: format!("load-{}-{}", self.pool, self.next),
                password: Alphanumeric.sample_string(&mut rand::rng(), PASSWORD),
            });
            self.next += 1;
        }
    }

    /// Somebody who was planned has an account and a session now.
    pub(super) fn has_entered(&mut self, account: Account) {
        // Those who come first were planned first, more or less.
        let place = self
            .planned
            .iter()
            .position(|person| person.username == account.username);
        if let Some(place) = place {
            self.planned.remove(place);
        }
        self.accounts.push(account);
    }

    /// Only these people are there, as they were given; whose password is the same still has a session.
    pub(super) fn holds_only(&mut self, people: Vec<Credentials>) {
        let mut known: HashMap<_, _> = self
            .accounts
            .drain(..)
            .map(|account| (account.username.clone(), account))
            .collect();
        self.planned.clear();
        for person in people {
            match known.remove(&person.username) {
                Some(account) if account.password == person.password => self.accounts.push(account),
                _ => self.planned.push_back(person),
            }
        }
    }

    /// The sessions are those of another deployment: all log in anew.
    pub(super) fn forgets_sessions(&mut self) {
        let accounts: Vec<_> = self
            .accounts
            .drain(..)
            .map(|account| Credentials::of(&account))
            .collect();
        self.planned = accounts.into_iter().chain(self.planned.drain(..)).collect();
        self.deployment.clear();
    }
}

impl Credentials {
    /// Those of an account.
    pub(super) fn of(account: &Account) -> Self {
        Self {
            username: account.username.clone(),
            password: account.password.clone(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password does not belong into a log.
        write!(f, "{}:…", self.username)
    }
}

const FORMAT: &str = "chat-loadtest accounts";
const VERSION: u32 = 1;
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Two billion names of pools.
const NAME: usize = 6;
/// Some 119 bits.
const PASSWORD: usize = 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn person(username: &str) -> Credentials {
        Credentials {
            username: username.to_owned(),
            password: format!("{username}-secret"),
        }
    }

    fn account(username: &str) -> Account {
        Account {
            id: 7,
            username: username.to_owned(),
            password: format!("{username}-secret"),
            cookies: "sessionid=s; csrftoken=t".to_owned(),
            csrf_token: "t".to_owned(),
        }
    }

    #[test]
    fn a_book_reads_as_it_was_written() {
        let mut book = Book::new();
        book.plans(3);
        book.accounts.push(account("ana"));
        let text = String::from_utf8(book.write().unwrap()).unwrap();
        let read = Book::read(&text).unwrap();
        assert_eq!(String::from_utf8(read.write().unwrap()).unwrap(), text);
        assert_eq!(
            (read.next, read.planned.len(), read.accounts[0].id),
            (3, 3, 7)
        );
    }

    #[test]
    fn what_is_no_book_is_told_without_quoting_it() {
        let whole = String::from_utf8(Book::new().write().unwrap()).unwrap();
        for (text, said) in [
            (whole[..45].to_owned(), "is not whole (line "),
            (
                whole.replace("\"version\": 1", "\"version\": 2"),
                "is of version 2",
            ),
            (
                whole.replace("loadtest", "somethingelse"),
                "is no file of accounts",
            ),
            (whole.replace("[]", "\"hunter2\""), "is not whole"),
            ("{}".to_owned(), "is no file of accounts"),
        ] {
            let error = Book::read(&text).unwrap_err();
            assert!(
                error.starts_with(said) && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn names_and_passwords_never_come_twice() {
        let mut book = Book::new();
        book.plans(2);
        book.planned.clear();
        book.plans(2);
        let names: Vec<_> = book
            .planned
            .iter()
            .map(|person| person.username.clone())
            .collect();
        assert_eq!(names, [2, 3].map(|n| format!("load-{}-{n}", book.pool)));
        assert_ne!(book.planned[0].password, book.planned[1].password);
        assert_ne!(book.pool, Book::new().pool);
    }

    #[test]
    fn one_base_url_in_common_makes_one_deployment() {
        let bases = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let mut book = Book::new();
        assert!(book.is_of(&bases(&["http://a"])), "a new one is of any");
        book.is_used_at(&bases(&["http://a"]));
        assert!(book.is_of(&bases(&["http://b", "http://a"])));
        assert!(!book.is_of(&bases(&["http://b"])));
        book.is_used_at(&bases(&["http://b", "http://a"]));
        assert_eq!(book.deployment, ["http://a", "http://b"]);
    }

    #[test]
    fn given_people_keep_their_sessions_while_their_passwords_last() {
        let mut book = Book::new();
        book.accounts = ["ana", "ben", "cleo"].map(account).to_vec();
        let mut ben = person("ben");
        ben.password = "changed".to_owned();
        book.holds_only(vec![person("ana"), ben.clone(), person("dora")]);
        assert_eq!(book.accounts.len(), 1);
        assert_eq!(book.accounts[0].username, "ana");
        assert_eq!(book.planned, [ben, person("dora")]);
    }
}
