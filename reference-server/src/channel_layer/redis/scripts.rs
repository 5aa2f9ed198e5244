//! What is done inside Redis, in one step each and by Redis' own time.

use std::sync::LazyLock;

use redis::Cmd;

/// A Lua script and the name Redis gives it.
pub(super) struct Script {
    source: &'static str,
    hash: LazyLock<String>,
}

macro_rules! script {
    ($file:literal) => {
        Script {
            source: include_str!($file),
            hash: LazyLock::new(|| {
                redis::Script::new(include_str!($file))
                    .get_hash()
                    .to_owned()
            }),
        }
    };
}

/// Registers a process and ends the one it follows.
pub(super) static ENTER: Script = script!("enter.lua");
/// Says that a process reads its queue.
pub(super) static BEAT: Script = script!("beat.lua");
/// Takes entries out of the queue.
pub(super) static DRAIN: Script = script!("drain.lua");
/// Joins, leaves and renews.
pub(super) static MEMBERSHIP: Script = script!("membership.lua");
/// Sends a batch of messages.
pub(super) static GROUP_SEND: Script = script!("group_send.lua");
/// Tells the other processes of this server.
pub(super) static ANNOUNCE: Script = script!("announce.lua");
/// Takes a process away.
pub(super) static DEPART: Script = script!("depart.lua");

/// Loads them all, as one must once per connection period: a Redis that was restarted knows none.
pub(super) fn load() -> impl Iterator<Item = Cmd> {
    [
        &ENTER,
        &BEAT,
        &DRAIN,
        &MEMBERSHIP,
        &GROUP_SEND,
        &ANNOUNCE,
        &DEPART,
    ]
    .into_iter()
    .map(|script| {
        let mut load = redis::cmd("SCRIPT");
        load.arg("LOAD").arg(script.source);
        load
    })
}

/// A call of a loaded script; its arguments are yet to come.
pub(super) fn call(script: &Script, keys: &[&str]) -> Cmd {
    let mut call = redis::cmd("EVALSHA");
    call.arg(script.hash.as_str()).arg(keys.len()).arg(keys);
    call
}
