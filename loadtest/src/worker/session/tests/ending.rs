//! How a run ends, and the conversation after it.

use super::*;

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
