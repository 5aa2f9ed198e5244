//! Changes of membership on their way to Redis: the last word on each chat, and who waits for it.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use tokio::sync::oneshot;

/// What is to be joined, left and renewed.
#[derive(Debug, Default)]
pub(in crate::channel_layer) struct Changes {
    joins: BTreeMap<i64, Join>,
    leaves: BTreeSet<i64>,
    renewals: VecDeque<i64>,
}

#[derive(Debug, Default)]
struct Join {
    /// The process was no member before.
    first: bool,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Changes {
    pub(super) fn join(&mut self, chat: i64, first: bool, joined: oneshot::Sender<()>) {
        self.leaves.remove(&chat);
        let join = self.joins.entry(chat).or_default();
        join.first |= first;
        join.waiting.push(joined);
    }

    pub(super) fn leave(&mut self, chat: i64) {
        self.joins.remove(&chat);
        self.leaves.insert(chat);
    }

    /// `members` are joined, `joined` should be. What is missing counts as joined before: whoever entered
    /// meanwhile has been told so.
    pub(super) fn align(&mut self, members: &HashSet<i64>, joined: &HashSet<i64>) {
        self.renew(joined.difference(members).copied());
        self.leaves.extend(members.difference(joined));
    }

    pub(super) fn renew(&mut self, chats: impl Iterator<Item = i64>) {
        self.renewals = chats.collect();
    }

    /// The part of them that goes into the next round.
    pub(super) fn next(&mut self, joined: &HashSet<i64>) -> Self {
        let rest = match self.joins.keys().nth(CHATS_A_CALL) {
            Some(chat) => {
                let chat = *chat;
                self.joins.split_off(&chat)
            }
            None => BTreeMap::new(),
        };
        let joins = std::mem::replace(&mut self.joins, rest);
        let rest = match self.leaves.iter().nth(CHATS_A_CALL) {
            Some(chat) => {
                let chat = *chat;
                self.leaves.split_off(&chat)
            }
            None => BTreeSet::new(),
        };
        let leaves = std::mem::replace(&mut self.leaves, rest);
        let renewed = CHATS_A_CALL.min(self.renewals.len());
        // Those that have been left since must not come back.
        let renewals = self
            .renewals
            .drain(..renewed)
            .filter(|chat| joined.contains(chat))
            .collect();
        Self {
            joins,
            leaves,
            renewals,
        }
    }

    pub(in crate::channel_layer) fn is_empty(&self) -> bool {
        self.joins.is_empty() && self.leaves.is_empty() && self.renewals.is_empty()
    }

    pub(in crate::channel_layer) fn chats_to_join(&self) -> Vec<i64> {
        self.joins.keys().chain(&self.renewals).copied().collect()
    }

    pub(in crate::channel_layer) fn chats_to_leave(&self) -> Vec<i64> {
        self.leaves.iter().copied().collect()
    }

    /// Whether connections here believed that this chat was joined.
    pub(super) fn was_member(&self, chat: i64) -> bool {
        self.joins.get(&chat).is_none_or(|join| !join.first)
    }

    /// Tells those who wait.
    pub(super) fn done(self) {
        for waiting in self.joins.into_values().flat_map(|join| join.waiting) {
            // Whoever joined may have gone already.
            let _ = waiting.send(());
        }
    }
}

/// Chats in one call, so that no call keeps Redis busy for long.
const CHATS_A_CALL: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn join(changes: &mut Changes, chat: i64, first: bool) -> oneshot::Receiver<()> {
        let (joined, done) = oneshot::channel();
        changes.join(chat, first, joined);
        done
    }

    #[test]
    fn the_last_word_on_a_chat_counts() {
        let mut changes = Changes::default();
        changes.leave(1);
        let mut first = join(&mut changes, 1, true);
        let mut second = join(&mut changes, 1, false);
        let _third = join(&mut changes, 2, true);
        changes.leave(2);

        let next = changes.next(&HashSet::from([1]));

        assert_eq!(
            (next.chats_to_join(), next.chats_to_leave()),
            (vec![1], vec![2])
        );
        assert!(!next.was_member(1));
        assert!(changes.is_empty());
        next.done();
        assert_eq!((first.try_recv(), second.try_recv()), (Ok(()), Ok(())));
    }

    #[test]
    fn a_chat_that_was_left_is_not_renewed_and_a_lost_one_shows() {
        let mut changes = Changes::default();
        changes.renew([1, 2].into_iter());

        let next = changes.next(&HashSet::from([2]));

        assert_eq!(next.chats_to_join(), [2]);
        assert!(next.was_member(2));
    }

    #[test]
    fn what_came_and_went_while_redis_was_found_is_made_up_for() {
        let mut changes = Changes::default();
        changes.align(&HashSet::from([1, 2]), &HashSet::from([2, 3]));

        let next = changes.next(&HashSet::from([2, 3]));

        assert_eq!(
            (next.chats_to_join(), next.chats_to_leave()),
            (vec![3], vec![1])
        );
        assert!(next.was_member(3));
    }

    #[test]
    fn a_round_takes_so_many_and_leaves_the_rest_to_the_next() {
        let mut changes = Changes::default();
        let many = CHATS_A_CALL as i64 + 1;
        for chat in 0..many {
            changes.leave(chat);
        }
        assert_eq!(
            changes.next(&HashSet::new()).chats_to_leave().len(),
            CHATS_A_CALL
        );
        assert_eq!(changes.next(&HashSet::new()).chats_to_leave(), [many - 1]);
    }
}
