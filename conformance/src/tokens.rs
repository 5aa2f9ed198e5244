//! What a browser carries of a session: its key and its CSRF secret, which can be put down in two forms
//! (INTEROP §8.2).

use chat_fixtures::{
    client::{Ask, Client},
    people::Person,
};
use rand::RngExt;
use serde_json::json;

use crate::{check::Failure, context::Context};

/// A session's key and its CSRF secret, to be sent by hand.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    /// The value of `sessionid`.
    pub session: String,
    /// The value of `csrftoken`.
    pub secret: String,
}

impl Tokens {
    /// What this person's browser carries.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when one of the two is missing.
    pub(crate) fn of(person: &Person) -> Result<Self, Failure> {
        match (person.client.session(), person.client.csrf_token()) {
            (Some(session), Some(secret)) => Ok(Self { session, secret }),
            _ => Err(Failure::Untestable(
                "the login gave no `sessionid`, or no `csrftoken`".to_owned(),
            )),
        }
    }

    /// The `Cookie` header of the session with this secret beside it.
    pub(crate) fn cookies(&self, secret: &str) -> String {
        format!("sessionid={}; csrftoken={secret}", self.session)
    }

    /// The secret in the form of 64 characters: a mask drawn from the check's seed, and the secret moved
    /// along the alphabet by it.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when the secret is of other characters than letters and digits.
    pub(crate) fn masked(&self, cx: &Context) -> Result<String, Failure> {
        let mut rng = cx.rng();
        let mask: Vec<usize> = self
            .secret
            .chars()
            .map(|_| rng.random_range(0..ALPHABET.len()))
            .collect();
        let letter = |n: usize| char::from(ALPHABET[n % ALPHABET.len()]);
        let moved: Option<String> = self
            .secret
            .bytes()
            .zip(&mask)
            .map(|(byte, by)| {
                let at = ALPHABET.iter().position(|letter| *letter == byte)?;
                Some(letter(at + by))
            })
            .collect();
        let moved = moved.ok_or_else(|| {
            Failure::Untestable("the `csrftoken` is not of letters and digits".to_owned())
        })?;
        Ok(mask.into_iter().map(letter).chain(moved.chars()).collect())
    }
}

/// A session with cookies of its own, which no answer changes, at the client's process.
pub(crate) fn bearing(client: &Client, key: &str) -> Client {
    let bearer = client.stranger();
    bearer.set_cookie("sessionid", key);
    bearer
}

/// A message that nobody may send, for it is empty: whoever gets past all else is told so.
pub(crate) fn empty_message(chat: u64) -> Ask {
    Ask::new("POST", &format!("/api/chats/{chat}/send_message/")).json(&json!({"content": ""}))
}

/// The digits of masked tokens.
const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
