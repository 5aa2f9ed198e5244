//! Conversations with a master, played without a network and without waiting.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ending;
mod ramp;

use std::time::Duration;

use super::*;

#[test]
fn a_run_from_the_greeting_to_the_farewell() {
    let mut master = Master::meets();
    assert_eq!(master.session.state(), State::Ready);

    let told = master.tells(6);
    let Action::Send(ToMaster::SpawningComplete(users)) = &told[1] else {
        panic!("the number of users: {told:?}");
    };
    assert_eq!(
        (&told[0], users["Member"]),
        (&Action::Send(ToMaster::Spawning), 6)
    );
    assert_eq!(master.session.state(), State::Spawning);

    assert_eq!(
        orders(&master.says(FromMaster::SpawningComplete)),
        [spawn(6)]
    );
    assert_eq!(master.session.state(), State::Running);

    assert_eq!(
        master.says(FromMaster::Quit),
        [Action::Report, Action::Order(Order::Stop)]
    );
    // The record goes out, and a heartbeat whose answer says that it was read.
    assert_eq!(
        master.engine_stopped(),
        [Action::LastReport, Action::Heartbeat]
    );
    assert_eq!(
        master.says(FromMaster::Heartbeat),
        [
            Action::Send(ToMaster::Quit),
            Action::Leave(Left::ToldToQuit)
        ]
    );
}

#[test]
fn a_master_that_never_answers_is_greeted_again_and_then_given_up() {
    let mut master = Master::silent();
    assert_eq!(
        master.session.connected(master.now),
        [Action::Send(ToMaster::ClientReady)]
    );
    assert_eq!(master.passes(Duration::from_secs(4)), []);
    assert_eq!(
        master.passes(Duration::from_secs(1)),
        [Action::Send(ToMaster::ClientReady)]
    );
    assert_eq!(
        master.passes(Duration::from_secs(55)),
        [Action::Leave(Left::NeverCame)]
    );
}

#[test]
fn a_master_that_is_gone_ends_the_run_in_order() {
    let mut master = Master::running();
    let actions = master.passes(Duration::from_secs(60));
    assert_eq!(orders(&actions), [Order::Stop]);
    assert_eq!(master.session.is_leaving(), Some(Left::MasterGone));
    let _ = master.session.disconnected();
    assert_eq!(
        master.engine_stopped(),
        [Action::LastReport, Action::Leave(Left::MasterGone)]
    );
}

#[test]
fn another_connection_in_a_run_is_no_new_greeting() {
    let mut master = Master::running();
    let _ = master.session.disconnected();
    assert_eq!(master.session.connected(master.now), []);
    let mut idle = Master::meets();
    let _ = idle.session.disconnected();
    assert_eq!(
        idle.session.connected(idle.now),
        [Action::Send(ToMaster::ClientReady)]
    );
}

/// The other side of the conversation, and the time.
struct Master {
    session: Session,
    now: Instant,
    epoch: f64,
}

impl Master {
    fn silent() -> Self {
        let now = Instant::now();
        let session = Session::new(Timing::default(), now, now + Duration::from_secs(60));
        Self {
            session,
            now,
            epoch: 1e9,
        }
    }

    fn meets() -> Self {
        let mut master = Self::silent();
        let _ = master.session.connected(master.now);
        assert!(matches!(
            &master.says(FromMaster::Ack { index: Some(0) })[..],
            [Action::Say(_)]
        ));
        // The first heartbeat goes out at once, and is answered.
        assert_eq!(master.passes(Duration::ZERO), [Action::Heartbeat]);
        let _ = master.says(FromMaster::Heartbeat);
        master
    }

    fn running() -> Self {
        let mut master = Self::meets();
        let _ = master.tells(2);
        assert_eq!(
            orders(&master.says(FromMaster::SpawningComplete)),
            [spawn(2)]
        );
        master
    }

    fn tells(&mut self, users: u64) -> Vec<Action> {
        self.epoch += 1.0;
        self.says(FromMaster::Spawn(Spawn {
            timestamp: self.epoch,
            users: Users::from([("Member".to_owned(), users)]),
            host: None,
        }))
    }

    fn says(&mut self, message: FromMaster) -> Vec<Action> {
        self.session.hears(message, self.now)
    }

    fn passes(&mut self, time: Duration) -> Vec<Action> {
        self.now += time;
        self.session.ticks(self.now)
    }

    fn engine_stopped(&mut self) -> Vec<Action> {
        self.session.stopped(self.now)
    }
}

fn spawn(users: u64) -> Order {
    Order::Spawn { users, host: None }
}

fn orders(actions: &[Action]) -> Vec<Order> {
    let orders = actions.iter().filter_map(|action| match action {
        Action::Order(order) => Some(order.clone()),
        _ => None,
    });
    orders.collect()
}

/// What our own listener says.
const fn finish() -> FromMaster {
    FromMaster::Finish { lost: Vec::new() }
}
