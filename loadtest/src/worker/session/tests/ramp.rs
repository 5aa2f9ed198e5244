//! From the master's orders to a load.

use super::*;

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
