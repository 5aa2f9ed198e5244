//! Makes the messages of a thread's rooms due, each at its time.

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    rc::Rc,
};

use tokio::sync::Notify;

use crate::{
    event_loop::Here,
    pace::{Alarm, Timetable},
};

/// The timetables of a thread's rooms, the next one first.
#[derive(Debug, Default)]
pub struct Speaker {
    /// (when due, which room)
    due: RefCell<BinaryHeap<Reverse<(u64, u32)>>>,
    timetables: RefCell<BTreeMap<u32, (Timetable, u64)>>,
    changed: Notify,
}

impl Speaker {
    /// From now on the room speaks by this timetable, until this time (µs since the run's beginning).
    pub fn begins(&self, room: u32, timetable: Timetable, until: u64) {
        self.due
            .borrow_mut()
            .push(Reverse((timetable.next(), room)));
        self.timetables
            .borrow_mut()
            .insert(room, (timetable, until));
        self.changed.notify_one();
    }

    /// The room falls silent. Says when the messages were due that should have been said by `now` and are not, `most`
    /// of them, and how many more there are: a device that is late at the end has not said less.
    pub fn ends(&self, room: u32, now: u64, most: usize) -> (Vec<u64>, u64) {
        let Some((mut timetable, until)) = self.timetables.borrow_mut().remove(&room) else {
            return (Vec::new(), 0);
        };
        let until = until.min(now);
        let mut overdue = Vec::new();
        while timetable.next() < until && overdue.len() < most {
            overdue.push(timetable.next());
            timetable.advance();
        }
        (overdue, timetable.passes(until))
    }

    /// Takes what is due by `now`, so many at a time, and says when the next one is.
    fn takes(&self, now: u64, mut says: impl FnMut(u32, u64)) -> Option<u64> {
        let mut heap = self.due.borrow_mut();
        let mut timetables = self.timetables.borrow_mut();
        let mut taken = 0;
        while let Some(mut top) = heap.peek_mut() {
            let Reverse((due, room)) = *top;
            if due > now || taken == AT_A_TIME {
                return Some(due);
            }
            taken += 1;
            // A room that fell silent has no timetable any more, and its place in the heap goes now.
            let next = timetables.get_mut(&room).and_then(|(timetable, until)| {
                if due < *until {
                    says(room, due);
                    timetable.advance();
                }
                (timetable.next() < *until).then(|| timetable.next())
            });
            match next {
                Some(next) => *top = Reverse((next, room)),
                None => {
                    std::collections::binary_heap::PeekMut::pop(top);
                }
            }
        }
        None
    }
}

/// Speaks for all rooms of a thread, as long as it lives.
pub(crate) async fn speaks(here: Rc<Here>) {
    let Ok(alarm) = Alarm::new() else { return };
    loop {
        let next = here.speaker.takes(here.clock.now(), |room, due| {
            if let Some(room) = here.rooms.borrow().get(&room) {
                room.is_due(due);
            }
        });
        let waits = async {
            match next {
                Some(next) => {
                    let now = here.clock.now();
                    if next <= now {
                        // Connections have to be written to between two turns of an overdue timetable.
                        tokio::task::yield_now().await;
                        return Ok(());
                    }
                    alarm.waits(next - now).await
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            waited = waits => if waited.is_err() { return },
            () = here.speaker.changed.notified() => {}
        }
    }
}

/// How many messages become due between two turns of the thread's connections and jobs: however far behind a timetable
/// is, what is due gets onto the way, and a room that is to fall silent does.
const AT_A_TIME: u32 = 1_000;
