//! What is said of the Redis layer: which one it is, and the keys, texts that are shown nowhere.

use std::str::FromStr;

use clap::ValueEnum;

use super::Hidden;

/// How processes hear each other through Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RedisLayer {
    /// Queues, as channels_redis.core.RedisChannelLayer.
    Core,
    /// Published, as channels_redis.pubsub.RedisPubSubChannelLayer.
    #[value(name = "pubsub")]
    PubSub,
}

/// As one of Channels' `symmetric_encryption_keys`: any text but none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisKey(Hidden);

impl FromStr for RedisKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err("a key is empty: it encrypts nothing");
        }
        Ok(Self(text.to_owned().into()))
    }
}

impl AsRef<str> for RedisKey {
    fn as_ref(&self) -> &str {
        &self.0
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
