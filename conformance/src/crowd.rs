//! Many people who talk at once in several rooms; what they send and hear goes into a ledger.

pub(crate) mod burst;
mod hall;
mod seat;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chat_fixtures::{
    ledger::{Key, Kind, Ledger},
    people::Person,
};
use futures_util::future::join_all;
use tokio::sync::OnceCell;

use self::{
    burst::Room,
    hall::{Hall, ROOMS},
    seat::Seat,
};
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
    /// See [`Room::in_which_all_speak`].
    pub(crate) burst: OnceCell<Result<Vec<Room>, Failure>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Talk {
    ledger: Ledger,
    /// Who sat where, for the reader of a failure.
    seats: Vec<String>,
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
            match found.len() {
                n if n > shown.len() => {
                    format!("{n} times it is not so; the first: {}", shown.join("; "))
                }
                _ => shown.join("; "),
            },
        )
    }
}

/// How many findings are shown.
const SHOWN: usize = 3;
