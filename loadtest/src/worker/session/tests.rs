//! Conversations with a master, played without a network and without waiting.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

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

/// What our own listener says.
const fn finish() -> FromMaster {
    FromMaster::Finish { lost: Vec::new() }
}

#[test]
fn rooms_are_loaded_when_the_ramp_is_over() {
    let mut master = Master::meets();
    for users in [2, 4, 6] {
        assert_eq!(orders(&master.tells(users)), []);
    }
    assert_eq!(
        orders(&master.says(FromMaster::SpawningComplete)),
        [spawn(6)]
    );
    // The same number once more, as after another worker was lost, is no news to the engine.
    let _ = master.tells(6);
    assert_eq!(orders(&master.says(FromMaster::SpawningComplete)), []);
    let _ = master.tells(9);
    assert_eq!(
        orders(&master.says(FromMaster::SpawningComplete)),
        [spawn(9)]
    );
}

#[test]
fn a_ramp_whose_end_is_never_told_ends_by_itself() {
    let mut master = Master::meets();
    let _ = master.tells(2);
    assert_eq!(orders(&master.passes(Duration::from_secs(59))), []);
    let _ = master.says(FromMaster::Heartbeat);
    assert_eq!(orders(&master.passes(Duration::from_secs(1))), [spawn(2)]);
}

#[test]
fn an_order_that_was_overtaken_is_void() {
    let mut master = Master::meets();
    let _ = master.tells(6);
    master.epoch -= 10.0;
    assert!(matches!(&master.tells(2)[..], [Action::Say(_)]));
    assert_eq!(
        orders(&master.says(FromMaster::SpawningComplete)),
        [spawn(6)]
    );
}

#[test]
fn a_worker_without_users_rests_and_still_says_that_it_is_done() {
    let mut master = Master::meets();
    let _ = master.tells(0);
    assert_eq!(orders(&master.says(FromMaster::SpawningComplete)), []);
    assert_eq!(master.says(finish()), [Action::LastReport]);
    assert_eq!(
        master.says(FromMaster::Quit),
        [
            Action::Send(ToMaster::Quit),
            Action::Leave(Left::ToldToQuit)
        ]
    );
}

#[test]
fn after_a_stop_the_worker_is_there_for_another_run() {
    let mut master = Master::meets();
    for users in [3, 5] {
        let _ = master.tells(users);
        assert_eq!(
            orders(&master.says(FromMaster::SpawningComplete)),
            [spawn(users)]
        );
        assert_eq!(orders(&master.says(FromMaster::Stop)), [Order::Stop]);
        assert_eq!(
            master.engine_stopped(),
            [
                Action::LastReport,
                Action::Send(ToMaster::ClientStopped),
                Action::Send(ToMaster::ClientReady)
            ]
        );
        assert_eq!(master.session.state(), State::Ready);
        assert_eq!(master.session.users().values().sum::<u64>(), 0);
    }
}

#[test]
fn a_later_word_about_the_end_replaces_an_earlier_one() {
    let mut master = Master::running();
    assert_eq!(orders(&master.says(finish())), [Order::Stop]);
    // The drain takes longer than the master has patience: it gets what there is.
    assert_eq!(master.says(FromMaster::Quit), [Action::Report]);
    assert_eq!(master.session.is_leaving(), Some(Left::ToldToQuit));
    let _ = master.says(FromMaster::Stop);
    assert_eq!(master.session.is_leaving(), Some(Left::ToldToQuit));
    assert_eq!(
        master.engine_stopped(),
        [Action::LastReport, Action::Heartbeat]
    );
}

#[test]
fn who_was_lost_is_told_once() {
    let mut master = Master::running();
    let lost = vec!["north".to_owned()];
    let _ = master.says(FromMaster::Finish { lost: lost.clone() });
    assert_eq!(master.session.takes_lost(), lost);
    assert!(master.session.takes_lost().is_empty());
}

#[test]
fn a_run_that_ends_by_itself_is_reported_and_the_master_asked_nothing() {
    let mut master = Master::running();
    assert_eq!(orders(&master.session.ended_by_itself()), [Order::Stop]);
    assert_eq!(master.engine_stopped(), [Action::LastReport]);
    assert_eq!(master.session.ended_by_itself(), []);
    assert_eq!(master.says(finish()), []);
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
fn last_words_wait_for_an_answer_and_not_for_ever() {
    let mut master = Master::running();
    let _ = master.says(FromMaster::Quit);
    let _ = master.engine_stopped();
    assert_eq!(orders(&master.passes(Duration::from_secs(4))), []);
    let actions = master.passes(Duration::from_secs(1));
    assert_eq!(actions.last(), Some(&Action::Leave(Left::ToldToQuit)));
}

#[test]
fn every_heartbeat_is_answered_before_the_last_one() {
    let mut master = Master::running();
    assert!(
        master
            .passes(Duration::from_secs(1))
            .contains(&Action::Heartbeat)
    );
    let _ = master.says(FromMaster::Quit);
    let _ = master.engine_stopped();
    // This one is the answer to the heartbeat before the record.
    assert_eq!(master.says(FromMaster::Heartbeat), []);
    assert_eq!(
        master.says(FromMaster::Heartbeat).last(),
        Some(&Action::Leave(Left::ToldToQuit))
    );
}

#[test]
fn what_was_measured_is_reported_while_there_is_load() {
    let mut master = Master::meets();
    assert!(
        !master
            .passes(Duration::from_secs(5))
            .contains(&Action::Report)
    );
    let _ = master.tells(2);
    let _ = master.says(FromMaster::SpawningComplete);
    assert!(
        !master
            .passes(Duration::from_secs(2))
            .contains(&Action::Report)
    );
    assert!(
        master
            .passes(Duration::from_secs(1))
            .contains(&Action::Report)
    );
}

#[test]
fn an_engine_that_fails_is_told_to_the_master_with_the_reason() {
    let mut master = Master::running();
    let actions = master.session.failed("no accounts", master.now);
    assert_eq!(
        actions,
        [
            Action::Send(ToMaster::Exception("no accounts".to_owned())),
            Action::LastReport,
            Action::Heartbeat
        ]
    );
    assert_eq!(
        master.says(FromMaster::Heartbeat).last(),
        Some(&Action::Leave(Left::Failed))
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
