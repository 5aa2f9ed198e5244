//! Redis answers: rounds of joins, notices and messages, one at a time, and the watch that ends it.
//!
//! While a round is under way the next one gathers. So a round costs one trip whatever it carries, and the
//! order of the rounds is the order of the commands.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior};

use super::aside::Aside;
use super::changes::Changes;
use super::inbox::Inbox;
use super::link::{Fate, Link, Load, Outcome};
use super::outbox::{Outbox, Waiting};
use super::pending::Pending;
use super::round::Round;
use super::watch::{TICK, Watch, ticks};
use super::{COMMANDS, Command, Courier, Ending};

/// Serves the process through Redis until it goes away, or the process shuts down. `members` are the chats that
/// `link` has joined; `unshared` are chats of which other processes have missed messages: they are told first.
pub(super) async fn run<L: Link>(
    courier: &mut Courier,
    mut link: L,
    members: &HashSet<i64>,
    unshared: BTreeSet<i64>,
) -> Ending<L::Identity> {
    let pending = Arc::new(Pending::default());
    let watch = Watch::default();
    let inbox = Inbox {
        delivery: Arc::clone(&courier.delivery),
        metrics: Arc::clone(&courier.metrics),
        pending: Arc::clone(&pending),
        pulse: watch.pulse(),
        strangers: Arc::clone(&courier.server.strangers),
    };
    let mut reader = tokio::spawn(link.listen(inbox));
    let mut changes = Changes::default();
    changes.align(members, &courier.joined);
    let mut attached = Attached {
        courier,
        link,
        pending,
        watch,
        outbox: Outbox::default(),
        changes,
        asides: Vec::new(),
        under_way: None,
        closing: None,
    };
    if !unshared.is_empty() {
        let missed = Aside::Missed(unshared.into_iter().collect());
        attached.asides.push(missed);
    }
    let lost = attached.serve(&mut reader).await;
    // Nothing is taken or delivered after this; what a reply on its way held is missed, hence the resync.
    reader.abort();
    if !reader.is_finished() {
        let _ = reader.await;
    }
    match lost {
        Some(reason) => attached.give_up(reason),
        None => attached.depart().await,
    }
}

struct Attached<'a, L> {
    courier: &'a mut Courier,
    link: L,
    /// What has not been delivered here; the reader takes it out.
    pending: Arc<Pending>,
    watch: Watch,
    /// What has not been sent; a part of `pending`.
    outbox: Outbox,
    changes: Changes,
    asides: Vec<Aside>,
    under_way: Option<Round>,
    closing: Option<Closing>,
}

struct Closing {
    done: Option<oneshot::Sender<()>>,
    until: u64,
}

impl<L: Link> Attached<'_, L> {
    /// Until Redis is lost, for the reason given, or the process shuts down.
    async fn serve(&mut self, reader: &mut tokio::task::JoinHandle<String>) -> Option<String> {
        let mut commands = Vec::with_capacity(COMMANDS);
        let mut clock = tokio::time::interval(TICK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.under_way.is_none() {
                if self.has_ended() {
                    return None;
                }
                self.under_way = self.next_round();
            }
            let release = self.outbox.next_release();
            tokio::select! {
                biased;
                (load, since, outcome) = Round::end_of(&mut self.under_way) => match outcome {
                    Ok(outcome) => self.settle(load, since, outcome),
                    Err(reason) => {
                        self.miss(load);
                        return Some(reason);
                    }
                },
                ended = &mut *reader => {
                    return Some(ended.unwrap_or_else(|_| "the reader stopped".to_owned()));
                }
                taken = self.courier.commands.recv_many(&mut commands, COMMANDS), if self.closing.is_none() => {
                    if taken == 0 {
                        self.close(None);
                    }
                    commands.drain(..).for_each(|command| self.take_up(command));
                }
                () = until(release), if self.under_way.is_none() => {}
                _ = clock.tick() => {
                    if let Some(reason) = self.watch() {
                        return Some(reason);
                    }
                }
            }
        }
    }

    fn take_up(&mut self, command: Command) {
        match command {
            Command::Join(chat, joined) => {
                let first = self.courier.joined.insert(chat);
                self.changes.join(chat, first, joined);
            }
            Command::Leave(chat) => {
                self.courier.joined.remove(&chat);
                self.changes.leave(chat);
            }
            Command::Send(batch) => {
                for outgoing in batch {
                    let ticket = self.courier.next_ticket();
                    self.outbox.push(Waiting {
                        ticket,
                        message: Arc::clone(&outgoing.message),
                    });
                    self.pending.insert(ticket, outgoing);
                }
            }
            Command::Announce(notice) => self.asides.push(Aside::Notice(notice)),
            Command::Shutdown(done) => self.close(Some(done)),
        }
    }

    fn close(&mut self, done: Option<oneshot::Sender<()>>) {
        self.closing = Some(Closing {
            done,
            until: self.watch.now() + ticks(FAREWELL),
        });
    }

    /// Whether the process shuts down and nothing is under way, or it has waited long enough.
    fn has_ended(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| {
            let idle = self.pending.is_empty() && self.asides.is_empty() && self.changes.is_empty();
            idle || self.watch.now() >= closing.until
        })
    }

    fn next_round(&mut self) -> Option<Round> {
        let batch = match self.link.has_room() {
            true => self.outbox.next_batch(Instant::now()),
            false => Vec::new(),
        };
        let load = Load {
            changes: self.changes.next(&self.courier.joined),
            asides: std::mem::take(&mut self.asides),
            batch,
        };
        (!load.is_empty()).then(|| Round::start(&mut self.link, load, self.watch.now()))
    }

    /// Draws the consequences of a round.
    fn settle(&mut self, load: Load, since: u64, outcome: Outcome) {
        for chat in outcome.new {
            // Connections here believed that it was joined, so they may have missed something.
            if load.changes.was_member(chat) {
                self.courier.delivery.resync(Some(chat));
            }
        }
        for (cause, count) in outcome.dropped {
            for _ in 0..count {
                self.courier.metrics.dropped(cause);
            }
        }
        let mut back = Vec::new();
        for (waiting, fate) in load.batch.into_iter().zip(outcome.fates) {
            match fate {
                Fate::Sent => self.watch.expect(waiting.ticket, since),
                Fate::Unheard => self.deliver_here(&waiting),
                Fate::Held => {
                    self.outbox.pause(waiting.message.chat, Instant::now());
                    back.push(waiting);
                }
                Fate::Outdated => back.push(waiting),
            }
        }
        self.outbox.put_back(back);
        load.changes.done();
    }

    /// Whoever has come since the chat was left is no worse off than those who were here.
    fn deliver_here(&self, waiting: &Waiting) {
        let outgoing = self.pending.take(waiting.ticket);
        self.courier
            .local
            .group_send(outgoing.into_iter().collect());
    }

    /// A round may not have been done: what it carried counts as not sent.
    fn miss(&mut self, load: Load) {
        for waiting in &load.batch {
            self.outbox.push(waiting.clone());
        }
        self.asides.extend(load.asides);
        load.changes.done();
    }

    /// Looks, once a tick, whether Redis has been silent for too long.
    fn watch(&mut self) -> Option<String> {
        let under_way = self.under_way.as_ref().map(Round::since);
        let silence = self.watch.tick(under_way, &self.pending);
        if self.watch.now().is_multiple_of(ticks(RENEWAL)) {
            self.changes.renew(self.courier.joined.iter().copied());
        }
        silence
    }

    /// Delivers everything under way to this process.
    fn give_up(mut self, reason: String) -> Ending<L::Identity> {
        if let Some(round) = self.under_way.take() {
            self.miss(round.into_load());
        }
        let mut unshared: BTreeSet<i64> = self.outbox.chats().collect();
        for aside in self.asides {
            if let Aside::Missed(chats) = aside {
                unshared.extend(chats);
            }
        }
        self.changes.done();
        self.courier.local.group_send(self.pending.take_all());
        match self.closing {
            Some(closing) => Ending::Stopped(closing.done),
            None => Ending::Lost {
                reason,
                former: self.link.identity().clone(),
                unshared,
            },
        }
    }

    /// Takes out of Redis what this process put there, and tells the others what it could not send.
    async fn depart(self) -> Ending<L::Identity> {
        let unsent: BTreeSet<i64> = self.outbox.chats().collect();
        self.courier.local.group_send(self.pending.take_all());
        if let Err(failure) = self.link.depart(&self.courier.joined, unsent).await {
            tracing::warn!(%failure, "Redis did not take this process' leave; what it keeps of it ends by itself");
        }
        self.changes.done();
        Ending::Stopped(self.closing.and_then(|closing| closing.done))
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// How often all memberships are looked after.
pub(in crate::channel_layer) const RENEWAL: Duration = Duration::from_secs(15);
/// How long a shutdown waits for what is under way.
const FAREWELL: Duration = Duration::from_secs(2);
