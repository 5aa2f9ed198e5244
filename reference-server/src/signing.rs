//! Django's signing primitive (INTEROP §5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{KeyInit as _, Mac as _};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// HMAC-SHA-256 as everything here uses it.
pub(crate) type HmacSha256 = hmac::Hmac<Sha256>;

/// Why a signed text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No `:` where a signature or a timestamp should be split off.
    #[error("no separator found")]
    NoSeparator,
    /// The signature belongs to none of the secrets.
    #[error("signature does not match")]
    Mismatch,
    /// The timestamp is not base62.
    #[error("timestamp is not a base62 number")]
    Timestamp,
}

/// `salted_hmac`: HMAC-SHA-256 of `value` under the key SHA-256(`salt` ⧺ `secret`).
pub fn salted_hmac(salt: &str, value: &str, secret: &str) -> [u8; 32] {
    let mut mac = keyed(derived_key(salt, secret));
    mac.update(value.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The key that [`salted_hmac`] uses: SHA-256(`salt` ⧺ `secret`).
pub fn derived_key(salt: &str, secret: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(secret)
        .finalize()
        .into()
}

/// `value:signature`, as `django.core.signing.Signer` writes it.
pub fn sign(salt: &str, value: &str, secret: &str) -> String {
    format!("{value}:{}", signature(salt, value, secret))
}

/// The value of a signed text, split at its last `:`; `secrets` are tried in order, so that
/// `SECRET_KEY_FALLBACKS` may follow `SECRET_KEY`.
pub fn unsign<'a>(
    salt: &str,
    signed: &'a str,
    secrets: &[&str],
) -> Result<&'a str, SignatureError> {
    let (value, given) = signed.rsplit_once(':').ok_or(SignatureError::NoSeparator)?;
    let good = secrets
        .iter()
        .any(|secret| same(given, &signature(salt, value, secret)));
    if good {
        Ok(value)
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// `value:base62(seconds):signature`, as `TimestampSigner` writes it.
pub fn sign_at(salt: &str, value: &str, seconds: i64, secret: &str) -> String {
    sign(salt, &format!("{value}:{}", base62(seconds)), secret)
}

/// The value of a timestamped text and the second at which it was signed. Its age is the caller's matter.
pub fn unsign_at<'a>(
    salt: &str,
    signed: &'a str,
    secrets: &[&str],
) -> Result<(&'a str, i64), SignatureError> {
    let stamped = unsign(salt, signed, secrets)?;
    let (value, stamp) = stamped
        .rsplit_once(':')
        .ok_or(SignatureError::NoSeparator)?;
    let seconds = from_base62(stamp).ok_or(SignatureError::Timestamp)?;
    Ok((value, seconds))
}

/// URL-safe base64 without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Undoes [`base64url`]; `None` if `text` is not of that form.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// `number` in digits `0-9 A-Z a-z`, most significant first.
pub fn base62(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::with_capacity(11);
    loop {
        digits.push(char::from(BASE62[(rest % 62) as usize]));
        rest /= 62;
        if rest == 0 {
            break;
        }
    }
    let sign = if number < 0 { "-" } else { "" };
    sign.chars().chain(digits.into_iter().rev()).collect()
}

/// Undoes [`base62`]; `None` if `text` is not a number of 64 bits in that form.
pub fn from_base62(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0i64, |number, byte| {
        let digit = i64::try_from(BASE62.iter().position(|&known| known == byte)?).ok()?;
        let digit = if negative { -digit } else { digit };
        number.checked_mul(62)?.checked_add(digit)
    })
}

/// Whether two texts are equal, in a time that depends on their lengths alone.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// `length` characters of `alphabet` (ASCII), each drawn evenly by a cryptographic generator that the
/// operating system seeds.
pub fn random_text(alphabet: &[u8], length: usize) -> String {
    let mut generator = rand::rng();
    (0..length)
        .filter_map(|_| alphabet.get(generator.random_range(0..alphabet.len())))
        .map(|&byte| char::from(byte))
        .collect()
}

/// An HMAC under a key of 32 bytes, which is shorter than a block and so never refused.
pub(crate) fn keyed(key: [u8; 32]) -> HmacSha256 {
    let mut block = hmac::digest::block_api::Block::<Sha256>::default();
    block[..32].copy_from_slice(&key);
    HmacSha256::new(&block)
}

fn signature(salt: &str, value: &str, secret: &str) -> String {
    base64url(&salted_hmac(&format!("{salt}signer"), value, secret))
}

/// `a-z A-Z 0-9`, the alphabet of Django's `get_random_string`.
pub const LETTERS_AND_DIGITS: &[u8; 62] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base62_round_trips(number: i64) {
            prop_assert_eq!(from_base62(&base62(number)), Some(number));
        }

        #[test]
        fn what_is_signed_is_accepted(value: String, seconds: i64) {
            let signed = sign_at("salt", &value, seconds, "secret");
            prop_assert_eq!(unsign_at("salt", &signed, &["new", "secret"]), Ok((value.as_str(), seconds)));
            prop_assert_eq!(unsign_at("salt", &signed, &["new"]), Err(SignatureError::Mismatch));
            prop_assert_eq!(unsign_at("other", &signed, &["secret"]), Err(SignatureError::Mismatch));
        }

        #[test]
        fn any_text_gets_an_answer(text: String) {
            let _ = unsign_at("salt", &text, &["secret"]);
            let _ = from_base62(&text);
        }
    }

    #[test]
    fn a_signed_text_needs_its_timestamp() {
        let signed = sign("salt", "bare", "secret");
        assert_eq!(
            unsign_at("salt", &signed, &["secret"]),
            Err(SignatureError::NoSeparator)
        );
        let odd = sign("salt", "value:!", "secret");
        assert_eq!(
            unsign_at("salt", &odd, &["secret"]),
            Err(SignatureError::Timestamp)
        );
    }
}
