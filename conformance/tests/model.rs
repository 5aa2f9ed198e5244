//! The model of a sound server, step by step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use chat_conformance::{
    model::{Expected, Model},
    plan::{Move, Step, Who},
};

use Who::{Alice, Bob, Carol, Nina};

#[test]
fn who_makes_a_chat_is_in_it_once() {
    let mut model = Model::new();
    let Some(Expected::Chat(view)) = takes(&mut model, Alice, chat_with(&[Alice, Bob, Bob])) else {
        panic!("a chat is due");
    };
    assert_eq!(view.participants, [Alice, Bob].into());
}

#[test]
fn strangers_are_refused_whatever_they_do_in_a_chat() {
    let mut model = Model::new();
    takes(&mut model, Alice, chat_with(&[Bob]));
    for step in [
        Step::Look { chat: 1 },
        Step::History { chat: 1 },
        Step::Post {
            chat: 1,
            content: "hello".to_owned(),
        },
        Step::Rename {
            chat: 1,
            name: "mine".to_owned(),
        },
        Step::Delete { chat: 1 },
        Step::Connect {
            chat: 1,
            connection: 1,
        },
    ] {
        assert_eq!(takes(&mut model, Carol, step), Some(Expected::Refused));
    }
    assert_eq!(
        takes(&mut model, Carol, Step::Chats),
        Some(Expected::Chats(vec![]))
    );
    assert_eq!(
        takes(&mut model, Carol, Step::Messages),
        Some(Expected::Messages(vec![]))
    );
    assert_eq!(
        takes(&mut model, Bob, Step::History { chat: 1 }),
        Some(Expected::Messages(vec![]))
    );
}

#[test]
fn every_connection_of_a_chat_hears_what_is_said_there_and_nothing_else() {
    let mut model = Model::new();
    takes(&mut model, Alice, chat_with(&[Bob]));
    takes(
        &mut model,
        Alice,
        Step::Create {
            chat: 2,
            name: "other".to_owned(),
            with: vec![Bob],
        },
    );
    for (who, chat, connection) in [(Alice, 1, 1), (Bob, 1, 2), (Bob, 1, 3), (Bob, 2, 4)] {
        takes(&mut model, who, Step::Connect { chat, connection });
    }
    let says = |connection| Step::Say {
        connection,
        content: "hello".to_owned(),
    };
    assert_eq!(
        takes(&mut model, Alice, says(1)),
        Some(Expected::Said(0, vec![1, 2, 3]))
    );
    assert_eq!(
        takes(&mut model, Bob, says(4)),
        Some(Expected::Said(1, vec![4]))
    );

    takes(&mut model, Bob, Step::Disconnect { connection: 2 });
    assert_eq!(
        takes(&mut model, Bob, says(3)),
        Some(Expected::Said(2, vec![1, 3]))
    );
    assert_eq!(takes(&mut model, Bob, says(2)), None);
}

#[test]
fn what_is_sent_by_rest_is_in_the_history_and_nobody_hears_it() {
    let mut model = Model::new();
    takes(&mut model, Alice, chat_with(&[Bob]));
    takes(
        &mut model,
        Bob,
        Step::Connect {
            chat: 1,
            connection: 1,
        },
    );
    let post = Step::Post {
        chat: 1,
        content: "hello".to_owned(),
    };
    assert_eq!(
        takes(&mut model, Alice, post),
        Some(Expected::Said(0, vec![]))
    );
    takes(
        &mut model,
        Bob,
        Step::Say {
            connection: 1,
            content: "hi".to_owned(),
        },
    );
    assert_eq!(
        takes(&mut model, Bob, Step::History { chat: 1 }),
        Some(Expected::Messages(vec![0, 1]))
    );
    assert_eq!(
        takes(&mut model, Bob, Step::Messages),
        Some(Expected::Messages(vec![0, 1]))
    );
}

#[test]
fn a_deleted_chat_is_gone_for_everybody() {
    let mut model = Model::new();
    takes(&mut model, Alice, chat_with(&[Bob]));
    assert_eq!(
        takes(&mut model, Bob, Step::Delete { chat: 1 }),
        Some(Expected::Done)
    );
    for who in [Alice, Bob, Carol] {
        assert_eq!(
            takes(&mut model, who, Step::Look { chat: 1 }),
            Some(Expected::Refused)
        );
    }
    assert_eq!(
        takes(&mut model, Alice, chat_with(&[])),
        None,
        "its number is not given again"
    );
}

#[test]
fn without_a_session_everything_is_refused() {
    let mut model = Model::new();
    assert_eq!(
        takes(&mut model, Nina, Step::Login),
        None,
        "there is nobody to log in"
    );
    assert_eq!(
        takes(&mut model, Nina, Step::Register),
        Some(Expected::User(Nina))
    );
    assert_eq!(
        takes(&mut model, Nina, Step::Register),
        Some(Expected::Refused)
    );
    for step in [
        Step::Me,
        Step::Chats,
        Step::Messages,
        Step::Logout,
        chat_with(&[]),
    ] {
        assert_eq!(takes(&mut model, Nina, step), Some(Expected::Refused));
    }
    assert_eq!(
        takes(&mut model, Nina, Step::Login),
        Some(Expected::User(Nina))
    );
    assert_eq!(
        takes(&mut model, Nina, Step::Me),
        Some(Expected::User(Nina))
    );
    assert_eq!(takes(&mut model, Nina, Step::Logout), Some(Expected::Done));
    assert_eq!(takes(&mut model, Nina, Step::Me), Some(Expected::Refused));
}

#[test]
fn no_step_leads_where_implementations_differ() {
    let mut model = Model::new();
    takes(&mut model, Nina, Step::Register);
    takes(&mut model, Nina, Step::Login);
    takes(&mut model, Nina, chat_with(&[]));
    takes(
        &mut model,
        Nina,
        Step::Connect {
            chat: 1,
            connection: 1,
        },
    );
    assert_eq!(takes(&mut model, Nina, Step::Logout), None);
    assert_eq!(takes(&mut model, Nina, Step::Delete { chat: 1 }), None);
    assert_eq!(
        takes(&mut model, Alice, Step::Logout),
        None,
        "others use that session"
    );
}

fn takes(model: &mut Model, who: Who, does: Step) -> Option<Expected> {
    model.apply(&Move { who, on: 0, does })
}

fn chat_with(with: &[Who]) -> Step {
    Step::Create {
        chat: 1,
        name: "tea".to_owned(),
        with: with.to_vec(),
    }
}
