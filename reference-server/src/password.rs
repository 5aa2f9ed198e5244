//! Password hashes as Django writes them (INTEROP §7).

mod hasher;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

pub use hasher::{HashError, Hasher, Verdict};

use crate::signing::{LETTERS_AND_DIGITS, random_text, same};

/// PBKDF2 rounds of a hash that Django 5.2 writes.
pub const DJANGO_ITERATIONS: u32 = 1_000_000;

/// `pbkdf2_sha256$<iterations>$<salt>$<hash>`. Runs `iterations` rounds on the calling thread; the salt
/// must hold no `$`, or nothing will ever match.
pub fn encode(password: &str, salt: &str, iterations: u32) -> String {
    let mut hash = [0; 32];
    pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), iterations, &mut hash);
    format!("{ALGORITHM}${iterations}${salt}${}", STANDARD.encode(hash))
}

/// Whether `password` is the one of `encoded`. Runs as many rounds as `encoded` says, none if it is
/// unusable or garbled; then nothing matches.
///
/// The whole texts are compared, so that another spelling of the same hash is refused as Django does.
pub fn matches(password: &str, encoded: &str) -> bool {
    Stored::parse(encoded)
        .is_some_and(|stored| same(&encode(password, stored.salt, stored.iterations), encoded))
}

/// Whether Django would write `encoded` anew after a successful check: its rounds differ from
/// `iterations`, upwards too, or its salt is too short. `false` for what never matches.
pub fn must_update(encoded: &str, iterations: u32) -> bool {
    Stored::parse(encoded).is_some_and(|stored| {
        stored.iterations != iterations || stored.salt.chars().count() < SALT_LENGTH
    })
}

/// A fresh salt: 22 letters and digits, 130 bits.
pub fn new_salt() -> String {
    random_text(LETTERS_AND_DIGITS, SALT_LENGTH)
}

/// A password column that nothing matches: `!` and 40 random characters.
pub fn unusable() -> String {
    format!("!{}", random_text(LETTERS_AND_DIGITS, UNUSABLE_LENGTH))
}

/// An encoded password taken apart, as far as the check needs it.
#[derive(Clone, Copy)]
struct Stored<'a> {
    iterations: u32,
    salt: &'a str,
}

impl<'a> Stored<'a> {
    /// `None` for whatever can never match: unusable, of another algorithm, or garbled.
    fn parse(encoded: &'a str) -> Option<Self> {
        let mut parts = encoded.splitn(4, '$');
        if parts.next() != Some(ALGORITHM) {
            return None;
        }
        let iterations = parts.next()?.parse().ok()?;
        let salt = parts.next()?;
        parts.next()?;
        (1..=MOST_ITERATIONS)
            .contains(&iterations)
            .then_some(Self { iterations, salt })
    }
}

const ALGORITHM: &str = "pbkdf2_sha256";
const SALT_LENGTH: usize = 22;
const UNUSABLE_LENGTH: usize = 40;
/// A column that asks for more would hold a core for seconds: it is taken for garbled.
const MOST_ITERATIONS: u32 = 20_000_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unusable_password_is_of_djangos_form() {
        let column = unusable();
        assert_eq!(column.len(), 41);
        assert!(column.starts_with('!') && !matches("", &column) && !must_update(&column, 1));
    }

    #[test]
    fn garbled_columns_match_nothing_and_cost_nothing() {
        for column in [
            "",
            "!",
            "x",
            "pbkdf2_sha256",
            "pbkdf2_sha256$1$salt",
            "pbkdf2_sha256$0$salt$",
            "pbkdf2_sha256$4000000000$s$x",
        ] {
            assert!(
                Stored::parse(column).is_none() && !matches("", column),
                "{column}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_matches_itself_alone(password: String, other: String, rounds in 1u32..4) {
            let encoded = encode(&password, &new_salt(), rounds);
            prop_assert!(matches(&password, &encoded));
            prop_assert_eq!(matches(&other, &encoded), password == other);
            prop_assert!(!must_update(&encoded, rounds) && must_update(&encoded, rounds + 1));
        }

        #[test]
        fn any_column_gets_an_answer(tail in "[$0-9]{0,4}.*") {
            let column = format!("pbkdf2_sha256${tail}");
            let _ = Stored::parse(&column);
        }
    }
}
