//! CSRF secrets and the masked tokens that hide them (INTEROP §8.2).

use std::fmt;

use crate::signing::{LETTERS_AND_DIGITS, random_text, same};

/// A CSRF secret: 32 letters and digits. It is kept nowhere but in the client's cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What is wrong with the form of a cookie or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Neither 32 nor 64 characters.
    #[error("has incorrect length")]
    Length,
    /// Something besides letters and digits.
    #[error("has invalid characters")]
    Characters,
}

impl Secret {
    /// A new one that nobody can guess.
    #[expect(
        clippy::new_without_default,
        reason = "a default would hide that each one differs"
    )]
    pub fn new() -> Self {
        Self(random_text(LETTERS_AND_DIGITS, LENGTH))
    }

    /// The secret of a cookie or token: bare with 32 characters, masked with 64.
    ///
    /// # Errors
    /// [`Flaw`], the length first.
    pub fn read(text: &str) -> Result<Self, Flaw> {
        let length = text.chars().count();
        if length != LENGTH && length != 2 * LENGTH {
            return Err(Flaw::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Flaw::Characters);
        }
        match text.split_at_checked(LENGTH) {
            Some((mask, cipher)) if !cipher.is_empty() => {
                Ok(Self(combine(cipher, mask, |c, m| c + 62 - m)))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The bare 32 characters, for the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compared in constant time.
    pub fn is_same_as(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A token of 64 characters: `mask` (itself a random secret), then `secret` hidden by it.
pub fn masked(secret: &Secret, mask: &Secret) -> String {
    format!("{}{}", mask.0, combine(&secret.0, &mask.0, |s, m| s + m))
}

/// The secret in a token of 64 characters; `None` if it is not one.
pub fn unmasked(token: &str) -> Option<Secret> {
    if token.len() == 2 * LENGTH {
        Secret::read(token).ok()
    } else {
        None
    }
}

/// Character by character `operation` on the places in the alphabet, modulo its 62.
fn combine(text: &str, mask: &str, operation: impl Fn(usize, usize) -> usize) -> String {
    text.bytes()
        .zip(mask.bytes())
        .map(|(one, other)| {
            char::from(LETTERS_AND_DIGITS[operation(place(one), place(other)) % 62])
        })
        .collect()
}

fn place(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        _ => 0,
    })
}

const LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_masked_is_unmasked(secret in "[a-zA-Z0-9]{32}", mask in "[a-zA-Z0-9]{32}") {
            let (secret, mask) = (Secret(secret), Secret(mask));
            let token = masked(&secret, &mask);
            prop_assert_eq!(token.len(), 64);
            prop_assert_eq!(unmasked(&token), Some(secret));
        }

        #[test]
        fn any_text_gets_an_answer(text: String, odd in ".{32}|.{64}") {
            let _ = Secret::read(&text);
            let _ = Secret::read(&odd);
        }
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(Secret::new(), Secret::new());
    }
}
