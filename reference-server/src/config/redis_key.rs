//! One of the keys that encrypt what goes through Redis: a text that is shown nowhere.

use std::fmt;
use std::str::FromStr;

/// As one of Channels' `symmetric_encryption_keys`: any text but none.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisKey(String);

impl FromStr for RedisKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err("a key is empty: it encrypts nothing");
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for RedisKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let key = "a secret".parse::<RedisKey>();
        assert_eq!(format!("{key:?}"), "Ok(RedisKey(…))");
        assert!("".parse::<RedisKey>().is_err());
    }
}
