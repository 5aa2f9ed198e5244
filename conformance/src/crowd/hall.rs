//! Where a crowd talks: rooms, seats, a clock.

use std::hash::{DefaultHasher, Hash, Hasher};

use chat_fixtures::{
    client::Ask,
    ledger::{Fate, Kept, Key, Ledger, Sent, Way},
    people::{Chat, Person},
};
use futures_util::future::{join_all, try_join_all};
use serde_json::Value;
use tokio::time::Instant;

use super::{Talk, seat::Seat};
use crate::{check::Failure, context::Context, shape::core_of};

/// The rooms and the clock of one crowd.
pub(super) struct Hall<'a> {
    cx: &'a Context,
    people: &'a [Person],
    rooms: Vec<Chat>,
    began: Instant,
}

impl<'a> Hall<'a> {
    pub(super) async fn new(cx: &'a Context, people: &'a [Person]) -> Result<Self, Failure> {
        let mut hall = Self {
            cx,
            people,
            rooms: Vec::new(),
            began: Instant::now(),
        };
        for room in 0..ROOMS {
            let members: Vec<_> = hall
                .members(room)
                .filter_map(|person| people.get(person as usize))
                .collect();
            hall.rooms.push(cx.chat_of(&members).await?);
        }
        Ok(hall)
    }

    /// Each room is short of one person, another each time.
    pub(super) fn members(&self, room: u32) -> impl Iterator<Item = u32> + use<> {
        let people = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        (0..people).filter(move |person| *person != room % people.max(1))
    }

    pub(super) async fn seats(&self) -> Result<Vec<Seat>, Failure> {
        let places =
            (0..ROOMS).flat_map(|room| self.members(room).map(move |person| (room, person)));
        let seats = places.enumerate().map(|(n, (room, person))| {
            self.seat(u32::try_from(n).unwrap_or(u32::MAX), room, person)
        });
        try_join_all(seats).await
    }

    /// Somebody of each room comes with one more connection, to listen.
    pub(super) async fn guests(&self, round: u32) -> Result<Vec<Seat>, Failure> {
        let guests = (0..ROOMS).filter_map(|room| {
            let person = self.members(room).nth(round as usize % 2)?;
            Some(self.seat(GUESTS + round * ROOMS + room, room, person))
        });
        let mut guests = try_join_all(guests).await?;
        for guest in &mut guests {
            guest.is_guest = true;
        }
        Ok(guests)
    }

    /// Connections that come, hear a little, and go, while the others talk.
    pub(super) async fn passers_by(&self) -> Result<Vec<Seat>, Failure> {
        let mut gone = Vec::new();
        for pass in 0..PASSES {
            let number = self.began.elapsed().as_micros() % 1_000_000_000;
            let round = u32::try_from(number).unwrap_or(0) + pass;
            let guests = self.guests(round).await?.into_iter();
            gone.extend(join_all(guests.map(|guest| guest.hears_a_little(self))).await);
        }
        Ok(gone)
    }

    async fn seat(&self, number: u32, room: u32, person: u32) -> Result<Seat, Failure> {
        let (Some(who), Some(chat)) = (
            self.people.get(person as usize),
            self.rooms.get(room as usize),
        ) else {
            return Err(Failure::Broken("a seat for nobody, or nowhere".to_owned()));
        };
        // A second connection of somebody is on another process, if there is one.
        let who = if number >= GUESTS {
            &who.on_process(number as usize)
        } else {
            who
        };
        let connection = self.cx.connected(who, chat).await?;
        Ok(Seat::new(
            connection,
            who.clone(),
            number,
            room,
            person,
            self.now(),
        ))
    }

    /// Somebody of each room sends by REST, too.
    pub(super) async fn posts(&self, so_far: &Ledger) -> Vec<Sent> {
        let posts = (0..ROOMS).filter_map(|room| {
            let person = self.members(room).next()?;
            let who = self.people.get(person as usize)?;
            let chat = self.rooms.get(room as usize)?;
            let sender = POSTERS + room;
            let before = so_far.sent.iter().filter(|sent| sent.key.sender == sender);
            let seq = u32::try_from(before.count()).unwrap_or(u32::MAX) + 1;
            let key = Key { sender, seq };
            Some(async move {
                let at = self.now();
                let answer = who.posts(chat, &format!("{key} by REST")).await;
                Sent {
                    key,
                    room,
                    way: Way::Rest,
                    fate: if answer.is_ok() {
                        Fate::Taken
                    } else {
                        Fate::Unknown
                    },
                    due: at,
                    at,
                }
            })
        });
        join_all(posts).await
    }

    /// The history of a room goes into the ledger.
    pub(super) async fn reads(
        &self,
        ledger: &mut Ledger,
        room: u32,
        reader: &Person,
    ) -> Result<(), Failure> {
        let asked = self.now();
        let Some(chat) = self.rooms.get(room as usize) else {
            return Ok(());
        };
        let messages = reader.reads(chat).await?;
        ledger.reads(room, asked, messages.iter().map(kept));
        Ok(())
    }

    /// Reads all histories for the last time, and removes the rooms.
    pub(super) async fn ends(&self, talk: &mut Talk) -> Result<(), Failure> {
        for room in 0..ROOMS {
            let reader = self.members(room).next();
            let reader = reader.and_then(|person| self.people.get(person as usize));
            if let (Some(reader), Some(chat)) = (reader, self.rooms.get(room as usize)) {
                self.reads(&mut talk.ledger, room, reader).await?;
                let gone = Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
                // What cannot be removed is tried again when the run is over.
                let _ = reader.client.ask(gone).await;
            }
        }
        Ok(())
    }

    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A Message as a ledger keeps it.
pub(super) fn kept(message: &Value) -> Kept {
    let text = message["content"].as_str().unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    core_of(message).to_string().hash(&mut hasher);
    Kept {
        key: text.parse().unwrap_or(NOBODYS),
        digest: hasher.finish(),
    }
}

/// The key of what nobody of the crowd has said.
const NOBODYS: Key = Key {
    sender: u32::MAX,
    seq: 0,
};
/// How many rooms there are.
pub(super) const ROOMS: u32 = 3;
/// Who sends by REST is a sender of its own, with a number from here on, one a room.
const POSTERS: u32 = 500;
/// Connections that come and go have numbers from here on.
const GUESTS: u32 = 1000;
/// How often connections come and go while others talk.
const PASSES: u32 = 2;
