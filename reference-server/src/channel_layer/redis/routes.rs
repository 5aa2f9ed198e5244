//! Who is behind the queues of a group, for the composing of encrypted entries: they name their members
//! inside, so each queue's is composed here, before Redis is asked.
//!
//! The list may be outdated by the time it is used. So each message comes with the hash of the list that it was
//! composed for, and `group_send.lua` pushes it only if the group has this very list at that moment; if not, nothing
//! is pushed, the script answers with the list as it is, and the message goes again, before all others of its
//! chat. So whoever is a member at the moment of the push gets it, nobody else does, and the order is that of the
//! pushes (PROC-4), as in the clear. Only lists that change faster than a round trip, again and again, would hold a
//! chat up.

use std::collections::HashMap;

/// The lists as Redis last gave them.
#[derive(Debug, Default)]
pub(super) struct Routes(HashMap<i64, Route>);

/// A group as it was.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// As the script names this state of the group; empty if it has never been asked.
    pub(super) hash: Vec<u8>,
    /// What a queue's channels begin with, and those that are members.
    pub(super) queues: Vec<(String, Vec<String>)>,
}

impl Routes {
    /// The group of `chat`.
    pub(super) fn of(&mut self, chat: i64) -> &Route {
        self.0.entry(chat).or_default()
    }

    /// Takes in what the script said of `chat`: the hash, then the members.
    pub(super) fn learn(&mut self, chat: i64, reply: Vec<Vec<u8>>) {
        if self.0.len() >= KEPT {
            self.0.clear();
        }
        let mut reply = reply.into_iter();
        let hash = reply.next().unwrap_or_default();
        // A name that is no text breaks every sender of Django's, too: nobody is behind it.
        let members = reply.filter_map(|member| String::from_utf8(member).ok());
        let mut queues: Vec<(String, Vec<String>)> = Vec::new();
        let mut places = HashMap::new();
        for member in members {
            let queue = crate::channel_layer::names::non_local(&member).to_owned();
            let place = *places.entry(queue).or_insert_with_key(|queue| {
                queues.push((queue.clone(), Vec::new()));
                queues.len() - 1
            });
            queues[place].1.push(member);
        }
        self.0.insert(chat, Route { hash, queues });
    }
}

/// Groups that are remembered; beyond it all are forgotten, which costs each one more round trip.
const KEPT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_gathered_by_queue() {
        let mut routes = Routes::default();
        assert_eq!(*routes.of(1), Route::default());
        let reply = [
            "hash",
            "specific.a!x",
            "worker",
            "specific.b!z",
            "specific.a!y",
        ];
        let mut reply: Vec<Vec<u8>> = reply.iter().map(|text| text.as_bytes().to_vec()).collect();
        reply.push(vec![0xff]);

        routes.learn(1, reply);

        let queue = |name: &str, members: &[&str]| {
            let members = members.iter().map(|member| (*member).to_owned());
            (name.to_owned(), members.collect::<Vec<_>>())
        };
        let route = routes.of(1);
        assert_eq!(route.hash, b"hash");
        assert_eq!(
            route.queues,
            [
                queue("specific.a!", &["specific.a!x", "specific.a!y"]),
                queue("worker", &["worker"]),
                queue("specific.b!", &["specific.b!z"]),
            ]
        );
    }
}
