//! Where a WebSocket may be opened: which paths are a chat, and which are nothing.

use chat_fixtures::socket::{Handshake, Offer};

use super::{
    handshake::{opened, path},
    refusals::kept_out,
};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, shown},
    room::{Room, hears, shortened, speaks},
};

checks! {
    WS_18 => leading_zeros_mean_the_same_chat,
    WS_18 => any_other_id_is_refused_like_an_unknown_chat,
    WS_18 => any_other_path_is_not_found,
}

async fn leading_zeros_mean_the_same_chat(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, bob] = &room.people;
    let [mut alice, _] = room.connections;
    for zeros in [1, 3, 200] {
        let path = format!("/ws/chat/{}{}/", "0".repeat(zeros), room.chat.id);
        let what = format!("the handshake with {zeros} leading zeros");
        let handshake = bob.client.connect(&path, &Offer::default()).await?;
        let mut behind_zeros = cx.connected(bob, &room.chat).await?;
        behind_zeros.socket = opened(handshake, &what)?;

        let (to, from) = (format!("to {zeros} zeros"), format!("from {zeros} zeros"));
        speaks(&mut alice, &to).await?;
        hears(&mut behind_zeros, &to, "bob, at the id with leading zeros,").await?;
        speaks(&mut behind_zeros, &from).await?;
        hears(&mut alice, &from, "alice, from the id with leading zeros,").await?;
    }
    Ok(())
}

async fn any_other_id_is_refused_like_an_unknown_chat(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let unknown = alice
        .client
        .connect("/ws/chat/99999999/", &Offer::default())
        .await?;
    let unknown = kept_out(unknown, "the handshake for an unknown chat");
    let unknown = cx.given("be refused an unknown chat", unknown).await?;

    let id = chat.id.to_string();
    let in_digits_from = |zero: u32| -> String {
        let digit = |digit: char| char::from_u32(zero + digit.to_digit(10)?);
        let escaped = |digit: char| {
            let mut bytes = [0; 4];
            let bytes = digit.encode_utf8(&mut bytes).bytes();
            bytes.map(|byte| format!("%{byte:02X}")).collect::<String>()
        };
        id.chars().filter_map(digit).map(escaped).collect()
    };
    let mut ids: Vec<String> = OTHER_IDS
        .iter()
        .map(|other| other.replace("{id}", &id))
        .collect();
    ids.extend([
        in_digits_from(ARABIC_ZERO),
        in_digits_from(FULLWIDTH_ZERO),
        "9".repeat(4301),
    ]);
    for id in ids {
        for (client, who) in [
            (&alice.client, "a user"),
            (&cx.stranger(), "somebody anonymous"),
        ] {
            let path = format!("/ws/chat/{id}/");
            let what = format!("the handshake of {who} at {}", shortened(&path));
            let refusal = client.connect(&path, &Offer::default()).await?;
            let refusal = kept_out(refusal, &what).await?;
            expect_eq(refusal.words(), unknown.words(), &what)?;
        }
    }
    Ok(())
}

async fn any_other_path_is_not_found(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let chat = path(&chat);
    let without_slash = chat.trim_end_matches('/');
    let paths = [
        without_slash.to_owned(),
        format!("{without_slash}?/"),
        format!("{chat}/"),
        format!("{chat}x"),
        format!("{chat}x/"),
        format!("/x{chat}"),
        format!("/{chat}"),
        chat.replace("/ws/", "/WS/"),
        chat.replace("/ws/", "/api/"),
        "/ws/chat/".to_owned(),
        "/ws/chat//".to_owned(),
        "/ws/other/".to_owned(),
        "/ws/".to_owned(),
        "/".to_owned(),
    ];
    for path in paths {
        for (client, who) in [
            (&alice.client, "a user"),
            (&cx.stranger(), "somebody anonymous"),
        ] {
            let what = format!("the handshake of {who} at {path}");
            match client.connect(&path, &Offer::default()).await? {
                Handshake::Refused(answer) => {
                    expect(answer.status == 404, what, 404, shown(&answer))?
                }
                Handshake::Open(_) => return Err(Failure::violation(what, 404, 101)),
            }
        }
    }
    Ok(())
}

/// What stands where an id belongs, and is none; `{id}` is a chat's.
const OTHER_IDS: [&str; 20] = [
    "abc",
    "+{id}",
    "-{id}",
    "%20{id}",
    "{id}%20",
    "0_{id}",
    "{id}_",
    "_",
    "%C2%B2",
    "%C3%A9",
    "{id}a",
    "{id}.0",
    "{id},0",
    "{id}%0A",
    "{id}%00",
    "%25",
    "0x1",
    "True",
    "%F0%9F%9A%80",
    "%FF",
];
const ARABIC_ZERO: u32 = 0x0660;
const FULLWIDTH_ZERO: u32 = 0xFF10;
