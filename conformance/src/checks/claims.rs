//! What a frame claims beside its content (whose it is, where to, which number) is not believed.

use chat_fixtures::people::{Chat, Connection};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_fields, expect_json},
    room::{Room, content_of, hears, hears_until, history, sends, speaks},
};

checks! {
    WS_7 => nobody_speaks_for_another_user,
    WS_7 => nobody_speaks_into_another_chat,
    WS_7 => nobody_speaks_into_a_chat_of_others,
    WS_7 => id_type_and_timestamp_are_the_servers,
    WS_7 => odd_values_in_other_fields_are_ignored,
}

/// The history is asked too: a claim may be believed in one place alone.
pub(super) async fn nobody_speaks_for_another_user(cx: &Context) -> Verdict {
    let mut room = Room::<2>::open(cx).await?;
    plain(cx, &mut room).await?;
    let [author, other] = &room.people;
    let (id, name) = (other.id, &other.username);
    let whole = json!({"id": id, "username": name, "email": "", "user_type": "staff"});
    let claims = [
        json!({"sender": id}),
        json!({"sender": id.to_string()}),
        json!({"sender": name}),
        json!({"sender": whole}),
        json!({"sender_id": id}),
        json!({"user": id}),
        json!({"user_id": id}),
        json!({"username": name}),
    ];
    let [mut alice, mut bob] = room.connections;
    for (n, claim) in claims.iter().enumerate() {
        let words = format!("signed by another {n}");
        let event = heard_with(&mut alice, &mut bob, claim, &words).await?;
        let what = format!("the sender of a frame with {claim}");
        expect_json(&event["message"]["sender"]["id"], &json!(author.id), &what)?;
    }

    let told = history(cx, author, &room.chat).await?;
    let signed = told.iter().find(|message| message["sender"]["id"] == id);
    expect_none(
        signed,
        "the history of what one user said",
        "none of another's",
    )
}

pub(super) async fn nobody_speaks_into_another_chat(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [alice, bob] = &room.people;
    let other = cx.chat_of(&[alice, bob]).await?;
    stays_here(cx, room, &other).await
}

/// Alice is not in that chat; bob is.
async fn nobody_speaks_into_a_chat_of_others(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, bob] = &room.people;
    let other = cx.chat_of(&[bob]).await?;
    stays_here(cx, room, &other).await
}

async fn id_type_and_timestamp_are_the_servers(cx: &Context) -> Verdict {
    let mut room = Room::<2>::open(cx).await?;
    let first = plain(cx, &mut room).await?;
    let claims = [
        json!({"id": first["id"]}),
        json!({"id": HIGH}),
        json!({"type": "error"}),
        json!({"type": "chat_message"}),
        json!({"type": "chat.message"}),
        json!({"type": "typing"}),
        json!({"type": "ping"}),
        json!({"timestamp": LONG_AGO}),
        json!({"created_at": LONG_AGO}),
    ];
    let [mut alice, mut bob] = room.connections;
    let mut told: Vec<Value> = Vec::new();
    for (n, claim) in claims.iter().enumerate() {
        let words = format!("stamped by hand {n}");
        let mut event = heard_with(&mut alice, &mut bob, claim, &words).await?;
        let what = format!("the type of the answer to a frame with {claim}");
        expect_json(&event["type"], &json!("message"), &what)?;
        told.push(event["message"].take());
    }
    let [author, _] = &room.people;
    told.extend(history(cx, author, &room.chat).await?);

    let is_first = |message: &Value| message["content"] == first["content"];
    let stolen = told.iter().find(|message| {
        message["id"] == HIGH || (message["id"] == first["id"] && !is_first(message))
    });
    expect_none(stolen, "the ids of what was said", "none but the server's")?;
    let early = told.iter().find(|message| {
        let timestamp = message["timestamp"].as_str();
        timestamp.is_some_and(|timestamp| timestamp.starts_with("2000"))
    });
    expect_none(
        early,
        "the timestamps of what was said",
        "none but the server's",
    )
}

/// None of these is looked at, so none of them is an error.
async fn odd_values_in_other_fields_are_ignored(cx: &Context) -> Verdict {
    let mut room = Room::<2>::open(cx).await?;
    plain(cx, &mut room).await?;
    let [mut alice, mut bob] = room.connections;
    let fields = [
        "chat",
        "sender",
        "id",
        "type",
        "timestamp",
        "message",
        "client_id",
        "anything",
    ];
    let odd = [json!(null), json!("x"), json!(-1.5), json!([]), json!({})];
    for field in fields {
        for odd in &odd {
            let words = format!("beside {field}: {odd}");
            let event = heard_with(&mut alice, &mut bob, &json!({field: odd}), &words).await?;
            let told = event["message"].get(field);
            expect_none(
                told.filter(|_| !essence::MESSAGE.contains(&field)),
                "a field of the frame that is no message's, in the message",
                "it is not there",
            )?;
        }
    }
    Ok(())
}

/// Frames that name the other chat, which bob is in, are heard here; there they are neither heard nor stored.
async fn stays_here(cx: &Context, mut room: Room<2>, other: &Chat) -> Verdict {
    plain(cx, &mut room).await?;
    let [_, there] = &room.people;
    let mut listener = cx.connected(there, other).await?;
    let mut speaker = cx.connected(there, other).await?;

    let [mut alice, mut bob] = room.connections;
    let id = other.id;
    for field in ["chat", "chat_id", "room", "room_id", "group"] {
        for name in [
            json!(id),
            json!(id.to_string()),
            json!(format!("chat_{id}")),
        ] {
            let claim = json!({field: name});
            let words = format!("addressed elsewhere: {claim}");
            let event = heard_with(&mut alice, &mut bob, &claim, &words).await?;
            let what = format!("the chat of a frame with {claim}");
            expect_json(&event["message"]["chat"], &json!(room.chat.id), &what)?;
        }
    }

    speaks(&mut speaker, "marker").await?;
    let heard = hears_until(&mut listener, "marker", "who is in the other chat");
    let heard = cx.given("hear a message", heard).await?;
    let leaked = heard
        .iter()
        .find(|event| content_of(event) != Some("marker"));
    expect_none(
        leaked,
        "what is heard in the chat that was named",
        "nothing from elsewhere",
    )?;
    let stored = history(cx, there, other).await?;
    let leaked = stored.iter().find(|message| message["content"] != "marker");
    expect_none(
        leaked,
        "what is stored in the chat that was named",
        "nothing from elsewhere",
    )
}

/// Sends a frame with these claims and hears it: the Event.
async fn heard_with(
    alice: &mut Connection,
    bob: &mut Connection,
    claims: &Value,
    words: &str,
) -> Result<Value, Failure> {
    let mut frame = claims.clone();
    frame["content"] = json!(words);
    sends(alice, &frame.to_string()).await?;
    hears(bob, words, &format!("bob, of a frame with {claims},")).await
}

/// The preparation: of a message that claims nothing one learns id, chat and sender.
async fn plain(cx: &Context, room: &mut Room<2>) -> Result<Value, Failure> {
    let [author, _] = &room.people;
    let [alice, bob] = &mut room.connections;
    speaks(alice, "no claims").await?;
    let mut event = cx
        .given("hear a message", hears(bob, "no claims", "bob"))
        .await?;
    let message = event["message"].take();
    let due = json!({"chat": room.chat.id, "sender": {"id": author.id}});
    let known = message["id"].is_u64() && expect_fields(&message, &due, "").is_ok();
    if known {
        return Ok(message);
    }
    let reason = format!("a plain message does not tell id, chat and sender: {message}");
    Err(Failure::Untestable(reason))
}

fn expect_none(found: Option<&Value>, what: &str, expected: &str) -> Verdict {
    expect(
        found.is_none(),
        what,
        expected,
        found.unwrap_or(&Value::Null),
    )
}

/// No server has come to this id.
const HIGH: u64 = 987_654_321_987;
const LONG_AGO: &str = "2000-01-01T00:00:00Z";
