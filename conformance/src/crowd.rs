//! Many people who talk at once in several rooms; what they send and hear goes into a ledger.

mod seat;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use chat_fixtures::{
    ledger::{Fate, Kept, Key, Kind, Ledger, Sent, Way},
    people::{Chat, Person},
};
use futures_util::future::{join_all, try_join_all};
use serde_json::{Value, json};
use tokio::{sync::OnceCell, time::Instant};

use self::seat::Seat;
use crate::{
    check::{Failure, Verdict},
    context::Context,
    expect::expect,
};

/// How much is going on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    /// How often everybody speaks; in between, who wants to comes or goes.
    pub(crate) rounds: u32,
    /// How many frames each sends in one go when it speaks.
    pub(crate) burst: u32,
    /// How long a connection waits for a frame that is due before it gives up.
    pub(crate) patience: Duration,
    /// Whether people come and go while others speak, or only in between.
    pub(crate) restless: bool,
}

/// The crowds of a run. Each talks once, and every check looks at its ledger for what its own clause says.
#[derive(Debug, Default)]
pub(crate) struct Crowds {
    /// See [`Crowd::calm`].
    pub(crate) calm: OnceCell<Result<Arc<Talk>, Failure>>,
    /// See [`Crowd::stressed`].
    pub(crate) stressed: OnceCell<Result<Arc<Talk>, Failure>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Talk {
    ledger: Ledger,
    /// Who sat where, for the reader of a failure.
    seats: Vec<String>,
}

/// The rooms and the clock of one crowd.
struct Hall<'a> {
    cx: &'a Context,
    people: &'a [Person],
    rooms: Vec<Chat>,
    began: Instant,
}

impl Crowd {
    /// A few words at a time: no more than a dozen messages are under way at any moment, and whoever comes or
    /// goes does so when nothing is. Channels keeps its promises then.
    pub(crate) fn calm() -> Self {
        Self {
            rounds: 4,
            burst: 1,
            patience: Duration::from_secs(15),
            restless: false,
        }
    }

    /// As much as can be said at once.
    pub(crate) fn stressed(cases: u32) -> Self {
        Self {
            rounds: 1,
            burst: cases.div_ceil(6).clamp(2, 200),
            patience: Duration::from_secs(3),
            restless: true,
        }
    }

    /// Lets them talk, in rooms that are new and removed afterwards.
    pub(crate) async fn talks(self, cx: &Context, people: &[Person]) -> Result<Talk, Failure> {
        let hall = Hall::new(cx, people).await?;
        let mut seats = hall.seats().await?;
        let mut talk = Talk::in_rooms(&hall);
        let mut guests: Vec<Seat> = Vec::new();
        for round in 0..self.rounds {
            if self.restless {
                let (complete, passing) =
                    tokio::join!(self.round(&hall, &mut seats, &mut talk), hall.passers_by());
                for seat in passing? {
                    talk.takes(seat);
                }
                if !complete {
                    break;
                }
                continue;
            }
            if round % 2 == 1 {
                guests = hall.guests(round).await?;
            }
            seats.append(&mut guests);
            let complete = self.round(&hall, &mut seats, &mut talk).await;
            guests = seats.extract_if(.., |seat| seat.is_guest).collect();
            if !complete {
                break;
            }
            if round % 2 == 0 {
                for guest in guests.drain(..) {
                    talk.takes(guest.ends().await);
                }
                // Whatever the server does about somebody who left, it does before it answers the next request.
                join_all(people.iter().map(|person| person.client.get("/api/me/"))).await;
            }
        }
        for seat in seats.into_iter().chain(guests) {
            talk.takes(seat.ends().await);
        }
        hall.ends(&mut talk).await?;
        Ok(talk)
    }

    /// Everybody speaks, and listens until all that is due has come: whether it has.
    async fn round(self, hall: &Hall<'_>, seats: &mut [Seat], talk: &mut Talk) -> bool {
        let mut due: HashMap<u32, Vec<Key>> = HashMap::new();
        for seat in seats.iter_mut().filter(|seat| !seat.is_guest) {
            let keys = due.entry(seat.room).or_default();
            keys.extend(seat.prepares(self.burst));
        }
        let turns = seats.iter_mut().map(|seat| {
            let keys = due.get(&seat.room).cloned().unwrap_or_default();
            seat.speaks_and_listens(hall, keys, self.patience)
        });
        let (complete, posted) = tokio::join!(join_all(turns), hall.posts(&talk.ledger));
        talk.ledger.sent.extend(posted);
        complete.into_iter().all(|complete| complete)
    }
}

impl Talk {
    fn in_rooms(hall: &Hall<'_>) -> Self {
        let mut ledger = Ledger::default();
        for room in 0..ROOMS {
            let members = hall.members(room);
            ledger.members.extend(members.map(|person| (room, person)));
        }
        Self {
            ledger,
            seats: Vec::new(),
        }
    }

    fn takes(&mut self, seat: Seat) {
        self.seats.push(seat.to_string());
        seat.writes_into(&mut self.ledger);
    }

    /// Nothing of these kinds is in the ledger.
    pub(crate) fn expect_none(&self, cx: &Context, kinds: &[Kind], promise: &str) -> Verdict {
        let mut found = self.ledger.findings(u64::MAX);
        found.retain(|finding| kinds.contains(&finding.kind));
        if !found.is_empty() {
            for seat in &self.seats {
                cx.notes(seat.clone());
            }
            cx.notes("message s3-17 is the 17th that was sent on connection 3");
        }
        let shown: Vec<_> = found.iter().take(SHOWN).map(ToString::to_string).collect();
        let sent = self.ledger.sent.len();
        expect(
            found.is_empty(),
            format!("{sent} messages of a crowd in {ROOMS} rooms"),
            promise,
            format!("{} times otherwise, as {}", found.len(), shown.join("; ")),
        )
    }
}

impl<'a> Hall<'a> {
    async fn new(cx: &'a Context, people: &'a [Person]) -> Result<Self, Failure> {
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
    fn members(&self, room: u32) -> impl Iterator<Item = u32> + use<> {
        let people = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        (0..people).filter(move |person| *person != room % people.max(1))
    }

    async fn seats(&self) -> Result<Vec<Seat>, Failure> {
        let places =
            (0..ROOMS).flat_map(|room| self.members(room).map(move |person| (room, person)));
        let seats = places.enumerate().map(|(n, (room, person))| {
            self.seat(u32::try_from(n).unwrap_or(u32::MAX), room, person)
        });
        try_join_all(seats).await
    }

    /// Somebody of each room comes with one more connection, to listen.
    async fn guests(&self, round: u32) -> Result<Vec<Seat>, Failure> {
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
    async fn passers_by(&self) -> Result<Vec<Seat>, Failure> {
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
    async fn posts(&self, so_far: &Ledger) -> Vec<Sent> {
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
    async fn reads(&self, ledger: &mut Ledger, room: u32, reader: &Person) -> Result<(), Failure> {
        let asked = self.now();
        let Some(chat) = self.rooms.get(room as usize) else {
            return Ok(());
        };
        let messages = reader.reads(chat).await?;
        ledger.reads(room, asked, messages.iter().map(kept));
        Ok(())
    }

    /// Reads all histories for the last time, and removes the rooms.
    async fn ends(&self, talk: &mut Talk) -> Result<(), Failure> {
        for room in 0..ROOMS {
            let reader = self.members(room).next();
            let reader = reader.and_then(|person| self.people.get(person as usize));
            if let (Some(reader), Some(chat)) = (reader, self.rooms.get(room as usize)) {
                self.reads(&mut talk.ledger, room, reader).await?;
                let gone =
                    chat_fixtures::client::Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
                // What cannot be removed is tried again when the run is over.
                let _ = reader.client.ask(gone).await;
            }
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A Message as a ledger keeps it.
fn kept(message: &Value) -> Kept {
    let text = message["content"].as_str().unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    json!([
        message["id"],
        message["chat"],
        message["sender"]["id"],
        text,
        message["timestamp"]
    ])
    .to_string()
    .hash(&mut hasher);
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
const ROOMS: u32 = 3;
/// Who sends by REST is a sender of its own, with a number from here on, one a room.
const POSTERS: u32 = 500;
/// Connections that come and go have numbers from here on.
const GUESTS: u32 = 1000;
/// How often connections come and go while others talk.
const PASSES: u32 = 2;
/// How many findings are shown.
const SHOWN: usize = 3;
