//! The names that `channels_redis` gives to channels, groups and their keys in Redis (INTEROP §1.1, §1.7, §3).

use rand::RngExt as _;

/// The prefix of all keys, unless configured otherwise.
pub const DEFAULT_PREFIX: &str = "asgi";

/// What stands between the prefix and the group in the name of a group's Redis channel, in the pub/sub layer.
pub const PUBSUB_GROUP: &str = "__group__";

/// The group of a chat: `chat_42`.
pub fn group_of_chat(chat: i64) -> String {
    format!("chat_{chat}")
}

/// The chat of a group's name, or of a local part that copies it; `None` unless it is written exactly
/// as [`group_of_chat`] does.
pub fn chat_of_group(group: &str) -> Option<i64> {
    let chat = group.strip_prefix("chat_")?.parse().ok()?;
    (group_of_chat(chat) == group).then_some(chat)
}

/// A new process's own part of its channel names, `specific.<32 hex>!`, which no other process has.
pub fn new_process() -> String {
    let id: u128 = rand::rng().random();
    format!("specific.{id:032x}!")
}

/// What of a channel's name says in whose queue it lives: all up to the first `!`, or the whole name.
pub fn non_local(channel: &str) -> &str {
    channel.split_inclusive('!').next().unwrap_or_default()
}

/// What of a channel's name only its own process understands: all after the first `!`.
pub fn local(channel: &str) -> Option<&str> {
    channel.split_once('!').map(|(_, local)| local)
}

/// The sorted set that is the queue of `channel`: `asgispecific.<32 hex>!`.
pub fn queue_key(prefix: &str, channel: &str) -> String {
    format!("{prefix}{}", non_local(channel))
}

/// The sorted set where a reader of `channel` keeps what it has popped: the queue's key and `$inflight`.
pub fn inflight_key(prefix: &str, channel: &str) -> String {
    format!("{}$inflight", queue_key(prefix, channel))
}

/// The sorted set of a group's members: `asgi:group:chat_42`.
pub fn group_key(prefix: &str, group: &str) -> String {
    format!("{prefix}:group:{group}")
}

/// The Redis channel of a group in the pub/sub layer: `asgi__group__chat_42`.
pub fn pubsub_group(prefix: &str, group: &str) -> String {
    format!("{prefix}{PUBSUB_GROUP}{group}")
}

/// A new consumer's Redis channel in the pub/sub layer: `asgispecific.<32 hex>`.
pub fn new_pubsub_channel(prefix: &str) -> String {
    let id: u128 = rand::rng().random();
    format!("{prefix}specific.{id:032x}")
}

/// Whether Channels takes `name` for a group: 1–99 of `A-Z a-z 0-9 - _ .`.
pub fn is_group(name: &str) -> bool {
    is_short(name) && is_plain(name)
}

/// Whether Channels takes `name` for a channel: as a group, then perhaps one `!` and more of the same,
/// or nothing, after it.
pub fn is_channel(name: &str) -> bool {
    let (general, local) = name.split_once('!').unwrap_or((name, ""));
    is_short(name) && is_plain(general) && (local.is_empty() || is_plain(local))
}

/// Which of `hosts` Redis servers `value` belongs to, from 0.
///
/// `value` is the bare group name for what concerns members, [`non_local`] for queues, and the whole
/// Redis channel in the pub/sub layer.
pub fn host(value: &str, hosts: u32) -> u32 {
    if hosts <= 1 {
        return 0;
    }
    // In f64 and truncated, as Python computes it: with integers some slots would move.
    let slot = f64::from(crc32fast::hash(value.as_bytes()) & 0xFFF);
    (slot / (4096.0 / f64::from(hosts))) as u32
}

fn is_short(name: &str) -> bool {
    name.len() < 100
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_process_may_name_a_channel_for_each_chat() {
        let process = new_process();
        let channel = format!("{process}{}", group_of_chat(i64::MAX));
        assert!(is_channel(&channel) && process != new_process());
        assert_eq!(non_local(&channel), process);
        assert_eq!(local(&channel).and_then(chat_of_group), Some(i64::MAX));
    }

    #[test]
    fn only_one_spelling_is_a_chats_group() {
        for odd in [
            "chat_",
            "chat_01",
            "chat_+1",
            "chat_x",
            "chat",
            "chat_9223372036854775808",
        ] {
            assert_eq!(chat_of_group(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_name_gets_an_answer(name: String, hosts: u32) {
            let _ = (is_group(&name), is_channel(&name), local(&name), chat_of_group(&name));
            prop_assert!(name.starts_with(non_local(&name)));
            prop_assert!(host(&name, hosts) < hosts.max(1));
        }

        #[test]
        fn a_chats_group_round_trips(chat: i64) {
            prop_assert_eq!(chat_of_group(&group_of_chat(chat)), Some(chat));
        }
    }
}
