//! What the channel layer stores, and under which names (INTEROP §1, §3).

use std::sync::Arc;

use chat_reference_server::channel_layer::envelope::{ChatEvent, Codec, Envelope, Keys, Route};
use chat_reference_server::channel_layer::names;
use chat_reference_server::store::{Message, User};
use chat_reference_server::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::{NOW, at, each, same, text, unhex};

pub(crate) fn defaults(defaults: &Value) -> usize {
    let stored = clear().encode(&json!({}), at(NOW)).unwrap();
    assert_eq!(
        stored.len() - 1,
        defaults["random_prefix_length"].as_u64().unwrap() as usize
    );
    same(&defaults["prefix"], names::DEFAULT_PREFIX)
}

pub(crate) fn messages(cases: &Value) -> usize {
    let sender = Arc::new(User {
        id: 3,
        username: "ana".into(),
        email: "ana@example.com".into(),
        user_type: "student".into(),
    });
    let timestamp = Timestamp::from_micros(NOW * 1_000_000 + 123_456);
    let message = Message {
        id: 7,
        chat: 1,
        sender,
        content: "hola ñ 🎉".into(),
        timestamp,
    };
    each(cases, |case| {
        let (event, body) = (&case["message"], unhex(&case["msgpack_hex"]));
        let stored = unhex(&case["stored_hex"]);
        assert_eq!([unhex(&case["prefix_hex"]), body.clone()].concat(), stored);
        assert_eq!(stored.len(), case["length"].as_u64().unwrap() as usize);

        let received = clear().decode(&stored, at(NOW), 60).unwrap();
        let mut expected = event.as_object().unwrap().clone();
        let route = match expected.shift_remove("__asgi_channel__") {
            None => Route::Unnamed,
            Some(Value::String(channel)) => Route::Channel(channel),
            Some(members) => Route::Members(serde_json::from_value(members).unwrap()),
        };
        assert_eq!(received.route, route, "{case}");
        assert_eq!(
            Value::from(received.event).to_string(),
            Value::from(expected).to_string(),
            "{case}"
        );

        // Raw bytes are only ever read.
        if !event.to_string().contains("__bytes_hex__") {
            assert_eq!(clear().body(event).unwrap(), body, "{case}");
            assert_eq!(
                clear().encode(event, at(NOW)).unwrap()[12..],
                body,
                "{case}"
            );
        }
        // The chat's own event is written from the message itself.
        if event["message"]["content"] == message.content {
            let ours = match &route {
                Route::Unnamed => clear().body(&ChatEvent::unrouted(&message)),
                Route::Members(members) => {
                    let members: Vec<&str> = members.iter().map(String::as_str).collect();
                    clear().body(&ChatEvent::to_members(&message, &members))
                }
                Route::Channel(_) => return,
            };
            assert_eq!(ours.unwrap(), body, "{case}");
        }
    })
}

pub(crate) fn encrypted(case: &Value) -> usize {
    let secret = text(&case["configured_key"]);
    let (plain, stored) = (
        unhex(&case["plaintext_msgpack_hex"]),
        unhex(&case["stored_hex"]),
    );
    let iv = unhex(&case["iv_hex"]).try_into().unwrap();
    let keys = Keys::new(&[secret]).unwrap();
    assert_eq!(
        keys.seal(&plain, case["fernet_time"].as_i64().unwrap(), iv),
        case["token_ascii"]
    );
    assert_eq!(&stored[12..], text(&case["token_ascii"]).as_bytes());

    let envelope = Envelope::new(Codec::Msgpack, Keys::new(&["another", secret]));
    let event = clear()
        .decode(&[vec![0; 12], plain].concat(), at(NOW), 60)
        .unwrap();
    let accepted = at(case["accepted_at"].as_i64().unwrap());
    assert_eq!(envelope.decode(&stored, accepted, 60).unwrap(), event);
    let rejected = at(case["rejected_at"].as_i64().unwrap());
    assert!(envelope.decode(&stored, rejected, 60).is_err());
    // The pub/sub layer has no twelve bytes before it, and does not ask for its age.
    assert_eq!(
        envelope.decode_published(&stored[12..]).unwrap(),
        event.event
    );
    1
}

pub(crate) fn json_serializer(case: &Value) -> usize {
    let envelope = Envelope::new(Codec::Json, None);
    let bytes = text(&case["bytes_without_prefix_utf8"]).as_bytes();
    assert_eq!(envelope.body(&case["message"]).unwrap(), bytes);
    let received = envelope
        .decode(&[&[0; 12], bytes].concat(), at(NOW), 60)
        .unwrap();
    same(&case["message"], Value::from(received.event))
}

pub(crate) fn undecodable(cases: &Value) -> usize {
    each(cases, |case| {
        let opened = clear().decode(&unhex(&case["stored_hex"]), at(NOW), 60);
        assert!(opened.is_err(), "{case}: {opened:?}");
    })
}

pub(crate) fn group_keys(cases: &Value) -> usize {
    each(cases, |case| {
        let chat = case["chat_id"].as_i64().unwrap();
        let group = names::group_of_chat(chat);
        assert_eq!(group, case["group"]);
        assert_eq!(names::chat_of_group(&group), Some(chat));
        assert_eq!(
            names::group_key(names::DEFAULT_PREFIX, &group),
            case["redis_key"]
        );
        assert_eq!(
            names::pubsub_group(names::DEFAULT_PREFIX, &group),
            case["pubsub_channel"]
        );
    })
}

pub(crate) fn queue_keys(cases: &Value) -> usize {
    each(cases, |case| {
        let channel = text(&case["channel"]);
        assert_eq!(names::non_local(channel), case["non_local"]);
        assert_eq!(
            names::queue_key(names::DEFAULT_PREFIX, channel),
            case["redis_key"]
        );
        assert_eq!(
            names::inflight_key(names::DEFAULT_PREFIX, channel),
            case["inflight_key"]
        );
    })
}

pub(crate) fn names_of_both_kinds(kinds: &Value) -> usize {
    assert_eq!(kinds.as_object().unwrap().len(), 2);
    let groups = each(&kinds["group"], |case| {
        assert_eq!(
            names::is_group(text(&case["name"])),
            case["valid"],
            "{case}"
        )
    });
    let channels = each(&kinds["channel"], |case| {
        assert_eq!(
            names::is_channel(text(&case["name"])),
            case["valid"],
            "{case}"
        )
    });
    groups + channels
}

pub(crate) fn sharding(cases: &Value) -> usize {
    each(cases, |case| {
        let value = text(&case["value"]);
        for (hosts, index) in case["index"].as_object().unwrap() {
            assert_eq!(
                names::host(value, hosts.parse().unwrap()),
                *index,
                "{value} on {hosts}"
            );
        }
    })
}

fn clear() -> Envelope {
    Envelope::default()
}
