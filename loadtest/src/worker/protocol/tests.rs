//! Read and written as a real master and a real worker did.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::{Value, json};

use super::*;

macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!("../../../locust/recorded/", $name, ".msgpack"))
    };
}

#[test]
fn what_a_real_master_says_is_understood() {
    let heard = |bytes: &[u8]| FromMaster::decode(bytes).expect("a message");
    assert_eq!(
        heard(recorded!("master-ack")),
        FromMaster::Ack { index: Some(0) }
    );
    assert_eq!(heard(recorded!("master-heartbeat")), FromMaster::Heartbeat);
    assert_eq!(
        heard(recorded!("master-spawning_complete")),
        FromMaster::SpawningComplete
    );
    assert_eq!(heard(recorded!("master-quit")), FromMaster::Quit);
    let FromMaster::Spawn(spawn) = heard(recorded!("master-spawn")) else {
        panic!("a spawn message");
    };
    assert_eq!(spawn.users.values().sum::<u64>(), 3);
    assert_eq!(spawn.users.len(), 2, "{spawn:?}");
    assert_eq!(spawn.host.as_deref(), Some("http://chat.example"));
    assert!(spawn.timestamp > 1.6e9, "{spawn:?}");
}

#[test]
fn what_is_said_has_the_form_of_a_real_worker() {
    let node = "worker.example_1";
    let users = Users::from([("Listener".to_owned(), 1), ("Talker".to_owned(), 2)]);
    let heartbeat = ToMaster::Heartbeat {
        state: State::Ready,
        cpu: 0.5,
        memory: 1,
    };
    for (said, recorded) in [
        (ToMaster::Spawning, &recorded!("worker-spawning")[..]),
        (
            ToMaster::SpawningComplete(users),
            recorded!("worker-spawning_complete"),
        ),
        (heartbeat, recorded!("worker-heartbeat")),
        (ToMaster::Quit, recorded!("worker-quit")),
    ] {
        assert_eq!(
            form(&said.encode(node).unwrap()),
            form(recorded),
            "{said:?}"
        );
    }
}

#[test]
fn no_version_is_claimed() {
    let said: Value = rmp_serde::from_slice(&ToMaster::ClientReady.encode("w").unwrap()).unwrap();
    assert_eq!(said, json!(["client_ready", -1, "w"]));
}

#[test]
fn who_was_lost_is_told_where_the_listener_knows_it() {
    let heard = |bytes: Vec<u8>| FromMaster::decode(&bytes).unwrap();
    let told = json!(["chat_loadtest_finish", {"lost": ["north"]}, "w"]);
    assert_eq!(
        heard(rmp_serde::to_vec(&told).unwrap()),
        FromMaster::Finish {
            lost: vec!["north".to_owned()]
        }
    );
    let bare = json!(["chat_loadtest_finish", null, "w"]);
    assert_eq!(
        heard(rmp_serde::to_vec(&bare).unwrap()),
        FromMaster::Finish { lost: Vec::new() }
    );
}

#[test]
fn what_nobody_knows_is_named_and_what_is_garbled_is_an_error() {
    let unknown = rmp_serde::to_vec(&("polka", [1, 2], "w")).unwrap();
    assert_eq!(
        FromMaster::decode(&unknown).unwrap(),
        FromMaster::Unknown("polka".to_owned())
    );
    let without_data = rmp_serde::to_vec(&("spawn", (), "w")).unwrap();
    for bytes in [&b""[..], b"\xc1", b"\x93\xa3ack", &without_data] {
        assert!(FromMaster::decode(bytes).is_err(), "{bytes:?}");
    }
}

/// The type of a message and the keys of its data.
fn form(bytes: &[u8]) -> (String, Option<Vec<String>>) {
    let (kind, data, _): (String, Value, String) = rmp_serde::from_slice(bytes).expect("a message");
    let keys = data.as_object().map(|data| data.keys().cloned().collect());
    (kind, keys)
}
