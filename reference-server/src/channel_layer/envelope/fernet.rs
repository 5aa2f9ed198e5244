//! Fernet tokens (github.com/fernet/spec): AES-128-CBC and HMAC-SHA-256, as `cryptography` writes them.

use aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use hmac::Mac as _;
use sha2::{Digest as _, Sha256};

use crate::signing::keyed;

/// The keys of a layer: the first encrypts, all decrypt.
#[derive(Clone)]
pub struct Keys {
    first: Key,
    others: Vec<Key>,
}

/// Why a token was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of any of the keys.
    #[error("not a token of any known key")]
    Invalid,
    /// Made too long ago, or more than a minute in the future.
    #[error("the token is of another time")]
    Expired,
}

#[derive(Clone)]
struct Key {
    signing: [u8; 16],
    encryption: [u8; 16],
}

impl Keys {
    /// From the configured secrets; `None` if there is none.
    pub fn new<T: AsRef<str>>(secrets: &[T]) -> Option<Self> {
        let mut keys = secrets.iter().map(|secret| Key::new(secret.as_ref()));
        Some(Self {
            first: keys.next()?,
            others: keys.collect(),
        })
    }

    /// A token made at `seconds` since the epoch. `iv` must be random and never be used again.
    pub fn seal(&self, plain: &[u8], seconds: i64, iv: [u8; 16]) -> String {
        let encryptor = cbc::Encryptor::<Aes128>::new(&self.first.encryption.into(), &iv.into());
        let mut token = vec![VERSION];
        token.extend_from_slice(&u64::try_from(seconds).unwrap_or(0).to_be_bytes());
        token.extend_from_slice(&iv);
        token.extend_from_slice(&encryptor.encrypt_padded_vec::<Pkcs7>(plain));
        let mac = self.first.mac(&token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE.encode(token)
    }

    /// The plain bytes of a token that at `seconds` is at most `max_age` seconds old.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(&self, token: &[u8], seconds: i64, max_age: i64) -> Result<Vec<u8>, TokenError> {
        let (made, plain) = self.open_with_any(token)?;
        let now = u64::try_from(seconds).unwrap_or(0);
        let oldest = now.saturating_sub(u64::try_from(max_age).unwrap_or(0));
        if (oldest..=now.saturating_add(MAX_CLOCK_SKEW)).contains(&made) {
            Ok(plain)
        } else {
            Err(TokenError::Expired)
        }
    }

    /// The plain bytes of a token, whenever it was made.
    ///
    /// # Errors
    /// [`TokenError::Invalid`].
    pub fn open_of_any_age(&self, token: &[u8]) -> Result<Vec<u8>, TokenError> {
        self.open_with_any(token).map(|(_, plain)| plain)
    }

    /// When it was made, and what is in it.
    fn open_with_any(&self, token: &[u8]) -> Result<(u64, Vec<u8>), TokenError> {
        let token = URL_SAFE.decode(token).map_err(|_| TokenError::Invalid)?;
        std::iter::once(&self.first)
            .chain(&self.others)
            .find_map(|key| key.open(&token))
            .ok_or(TokenError::Invalid)
    }
}

/// Whether these bytes have the form of a token, of whatever key.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    URL_SAFE
        .decode(bytes)
        .is_ok_and(|token| token.first() == Some(&VERSION) && token.len() >= SHORTEST)
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", 1 + self.others.len())
    }
}

impl Key {
    fn new(secret: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(secret).into();
        let (mut signing, mut encryption) = ([0; 16], [0; 16]);
        signing.copy_from_slice(&digest[..16]);
        encryption.copy_from_slice(&digest[16..]);
        Self {
            signing,
            encryption,
        }
    }

    /// When the token was made, and its plain bytes; `None` if it is not of this key.
    fn open(&self, token: &[u8]) -> Option<(u64, Vec<u8>)> {
        let (signed, tag) = token.split_last_chunk::<32>()?;
        self.mac(signed).verify_slice(tag).ok()?;
        let (&version, rest) = signed.split_first()?;
        let (made, rest) = rest.split_first_chunk::<8>()?;
        let (iv, cipher) = rest.split_first_chunk::<16>()?;
        let decryptor = cbc::Decryptor::<Aes128>::new(&self.encryption.into(), &(*iv).into());
        let plain = decryptor.decrypt_padded_vec::<Pkcs7>(cipher).ok()?;
        (version == VERSION).then(|| (u64::from_be_bytes(*made), plain))
    }

    fn mac(&self, signed: &[u8]) -> crate::signing::HmacSha256 {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&self.signing);
        let mut mac = keyed(key);
        mac.update(signed);
        mac
    }
}

const VERSION: u8 = 0x80;
/// Version, moment, initialisation vector, one block, tag.
const SHORTEST: usize = 1 + 8 + 16 + 16 + 32;
/// Seconds by which another machine's clock may be ahead.
const MAX_CLOCK_SKEW: u64 = 60;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_time_alone(plain: Vec<u8>, iv: [u8; 16], made in 1000i64..1 << 40) {
            let keys = Keys::new(&["a", "b"]).unwrap();
            let token = keys.seal(&plain, made, iv);
            for (seconds, expected) in [(0, Ok(&plain)), (70, Ok(&plain)), (71, Err(TokenError::Expired)),
                (-60, Ok(&plain)), (-61, Err(TokenError::Expired))] {
                prop_assert_eq!(keys.open(token.as_bytes(), made + seconds, 70), expected.cloned());
            }
        }

        #[test]
        fn a_changed_token_does_not_open(at in 0usize..100, to in 0u8..64) {
            let keys = Keys::new(&["a"]).unwrap();
            let mut token = keys.seal(b"some plain text", 1000, [7; 16]).into_bytes();
            let to = URL_SAFE.encode([to << 2]).as_bytes()[0];
            let changed = token[at] != to;
            token[at] = to;
            prop_assert_eq!(keys.open(&token, 1000, 70).is_err(), changed);
        }

        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>) {
            let keys = Keys::new(&["a"]).unwrap();
            let _ = keys.open(URL_SAFE.encode(&bytes).as_bytes(), 0, 70);
            prop_assert!(keys.open(&bytes, 0, 70).is_err());
        }
    }
}
