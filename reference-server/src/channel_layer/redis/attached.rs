//! Redis answers: rounds of joins, notices and messages, one at a time, and the watch that ends it.
//!
//! While a round is under way the next one gathers. So a round costs one trip whatever it carries, and the
//! order of the rounds is the order of the commands.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use redis::aio::MultiplexedConnection;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior};

use super::attachment::{Attachment, PATIENCE, RENEWAL};
use super::changes::Changes;
use super::courier::{COMMANDS, Command, Courier, Ending};
use super::entry::Aside;
use super::identity::Identity;
use super::outbox::{Outbox, Waiting};
use super::pending::Pending;
use super::reader::Reader;
use super::round::{Reply, Round, announcement};
use super::scripts;
use super::watch::{TICK, Watch, ticks};

/// How long a shutdown waits for what is under way.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves the process through Redis until it goes away, or the process shuts down. `unshared` are chats of which
/// other processes have missed messages: they are told first.
pub(super) async fn run(
    courier: &mut Courier,
    attachment: Attachment,
    unshared: BTreeSet<i64>,
) -> Ending {
    let Attachment {
        identity,
        sender,
        reader: connection,
        ..
    } = attachment;
    let pending = Arc::new(Pending::default());
    let watch = Watch::default();
    let reader = Reader {
        server: Arc::clone(&courier.server),
        identity: identity.clone(),
        connection,
        delivery: Arc::clone(&courier.delivery),
        metrics: Arc::clone(&courier.metrics),
        pending: Arc::clone(&pending),
        pulse: watch.pulse(),
    };
    let mut reader = tokio::spawn(reader.run());
    let mut attached = Attached {
        courier,
        identity,
        sender,
        pending,
        watch,
        outbox: Outbox::default(),
        changes: Changes::default(),
        asides: Vec::new(),
        under_way: None,
        closing: None,
    };
    if !unshared.is_empty() {
        attached
            .asides
            .push(Aside::Missed(unshared.into_iter().collect()));
    }
    let lost = attached.serve(&mut reader).await;
    // Nothing is popped or delivered after this; what a reply on its way held is missed, hence the resync.
    reader.abort();
    if !reader.is_finished() {
        let _ = reader.await;
    }
    match lost {
        Some(reason) => attached.give_up(reason),
        None => attached.depart().await,
    }
}

struct Attached<'a> {
    courier: &'a mut Courier,
    identity: Identity,
    sender: MultiplexedConnection,
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

impl Attached<'_> {
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
                replies = reply_of(&mut self.under_way) => {
                    if let Err(reason) = self.settle(replies) {
                        return Some(reason);
                    }
                }
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
        let changes = self.changes.next(&self.courier.joined);
        let asides = std::mem::take(&mut self.asides);
        let batch = self.outbox.next_batch(Instant::now());
        Round::start(
            &self.courier.server,
            &self.identity,
            &self.sender,
            changes,
            asides,
            batch,
            self.watch.now(),
        )
    }

    /// Draws the consequences of a round's replies.
    fn settle(&mut self, reply: Reply) -> Result<(), String> {
        let Some(round) = self.under_way.as_mut() else {
            return Ok(());
        };
        let outcome = round.read(reply)?;
        let Some(round) = self.under_way.take() else {
            return Ok(());
        };
        for chat in outcome.lost_memberships {
            self.courier.delivery.resync(Some(chat));
        }
        for _ in 0..outcome.dropped {
            self.courier.metrics.dropped("django_queue_full");
        }
        for _ in 0..outcome.given_up {
            self.courier.metrics.dropped("process_given_up");
        }
        let mut held = Vec::new();
        for (waiting, sent) in round.batch.into_iter().zip(outcome.sent) {
            if sent {
                self.watch.expect(waiting.ticket, round.since);
            } else {
                held.push(waiting);
            }
        }
        self.outbox.put_back(held, Instant::now());
        round.changes.done();
        Ok(())
    }

    /// Looks, once a tick, whether Redis has been silent for too long.
    fn watch(&mut self) -> Option<String> {
        let under_way = self.under_way.as_ref().map(|round| round.since);
        let silence = self.watch.tick(under_way, &self.pending);
        if self.watch.now().is_multiple_of(ticks(RENEWAL)) {
            self.changes.renew(self.courier.joined.iter().copied());
        }
        silence
    }

    /// Delivers everything under way to this process.
    fn give_up(self, reason: String) -> Ending {
        let mut unshared: BTreeSet<i64> = self.outbox.chats().collect();
        let mut asides = self.asides;
        if let Some(round) = self.under_way {
            unshared.extend(round.batch.iter().map(|waiting| waiting.message.chat));
            asides.extend(round.asides);
            round.changes.done();
        }
        for aside in asides {
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
                former: self.identity,
                unshared,
            },
        }
    }

    /// Takes out of Redis what this process put there.
    async fn depart(mut self) -> Ending {
        let unsent: BTreeSet<i64> = self.outbox.chats().collect();
        self.courier.local.group_send(self.pending.take_all());
        let server = &self.courier.server;
        let mut farewell = redis::pipe();
        if !unsent.is_empty() {
            let missed = Aside::Missed(unsent.into_iter().collect());
            farewell.add_command(announcement(server, &self.identity, &missed));
        }
        let mut depart = scripts::call(&scripts::DEPART, &[&server.registry, &server.clock]);
        depart
            .arg(&server.options.prefix)
            .arg(&self.identity.process);
        for chat in &self.courier.joined {
            depart.arg(*chat);
        }
        farewell.add_command(depart);
        let departed = farewell.query_async::<Vec<Value>>(&mut self.sender);
        if !matches!(tokio::time::timeout(PATIENCE, departed).await, Ok(Ok(_))) {
            tracing::warn!(
                "Redis did not take this process' leave; its memberships end with their lease"
            );
        }
        self.changes.done();
        Ending::Stopped(self.closing.and_then(|closing| closing.done))
    }
}

async fn reply_of(round: &mut Option<Round>) -> Reply {
    match round {
        Some(round) => (&mut round.reply).await,
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
