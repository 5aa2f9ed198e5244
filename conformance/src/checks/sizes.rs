//! Large messages: what always passes, and what always ends the connection. They run alone, for the others
//! would notice them.

use std::time::Duration;

use bytes::Bytes;
use chat_fixtures::{people::Connection, socket::Heard};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::expect,
    room::{Room, deletes, hears, speaks},
};

checks! {
    WS_13 => a_mebibyte_passes [Alone],
    WS_13 => a_mebibyte_passes_all_escaped [Alone],
    WS_13 => a_mebibyte_passes_in_fragments [Alone],
    WS_19 => a_frame_of_eight_mebibytes_passes [Alone],
    WS_19 => a_frame_over_thirty_two_mebibytes_ends_the_connection [Alone],
}

async fn a_mebibyte_passes(cx: &Context) -> Verdict {
    let plain = "x".repeat(MEBIBYTE);
    let rockets = "🚀".repeat(MEBIBYTE / 4);
    for content in [plain, rockets] {
        passes(
            cx,
            vec![whole(format!(r#"{{"content":"{content}"}}"#))],
            &content,
        )
        .await?;
    }
    Ok(())
}

/// Up to six bytes on the wire for each of the content's.
async fn a_mebibyte_passes_all_escaped(cx: &Context) -> Verdict {
    for (escape, meant) in [(r"\u0041", "A"), (r"\ud83d\ude80", "🚀"), (r#"\""#, "\"")] {
        let times = MEBIBYTE / meant.len();
        let frame = format!(r#"{{"content":"{}"}}"#, escape.repeat(times));
        passes(cx, vec![whole(frame)], &meant.repeat(times)).await?;
    }
    Ok(())
}

/// One message is one message in however many frames, even where a character is cut in two.
async fn a_mebibyte_passes_in_fragments(cx: &Context) -> Verdict {
    let content = "🚀".repeat(MEBIBYTE / 4);
    let bytes = Bytes::from(format!(r#"{{"content":"{content}"}}"#));
    let pieces: Vec<_> = (0..bytes.len()).step_by(PIECE).collect();
    let frame = |start: &usize| {
        let end = (start + PIECE).min(bytes.len());
        let code = if *start == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let last = end == bytes.len();
        Message::Frame(Frame::message(
            bytes.slice(*start..end),
            OpCode::Data(code),
            last,
        ))
    };
    passes(cx, pieces.iter().map(frame).collect(), &content).await
}

async fn a_frame_of_eight_mebibytes_passes(cx: &Context) -> Verdict {
    let around = r#"{"content":""}"#.len();
    let content = "x".repeat(8 * MEBIBYTE - around);
    passes(
        cx,
        vec![whole(format!(r#"{{"content":"{content}"}}"#))],
        &content,
    )
    .await
}

/// It may be ended by its length alone or somewhere on the way, so the frame is sent piece by piece until the
/// server says goodbye. White space makes it, so that a server which takes it has nothing to store.
async fn a_frame_over_thirty_two_mebibytes_ends_the_connection(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    let length = 33 * MEBIBYTE as u64;
    // Final, text, masked with zeros (which leaves the payload as it is), a length of 64 bits.
    let mut header = vec![0x81, 0xff];
    header.extend(length.to_be_bytes());
    header.extend([0; 4]);
    let piece = vec![b' '; MEBIBYTE];

    let mut heard = Heard::Nothing;
    if alice.socket.write_raw(&header).await.is_ok() {
        heard = alice.socket.next_within(A_WHILE).await;
        for _ in 0..33 {
            if heard != Heard::Nothing || alice.socket.write_raw(&piece).await.is_err() {
                break;
            }
            heard = alice.socket.next_within(Duration::ZERO).await;
        }
    }
    if heard == Heard::Nothing {
        heard = alice.socket.next_within(alice.patience).await;
    }
    let what = "the answer to a frame of 33 MiB";
    expect(
        matches!(heard, Heard::Closed(1009, _)),
        what,
        "closed with 1009",
        heard,
    )?;

    let [alice, _] = &room.people;
    let mut again = cx.connected(alice, &room.chat).await?;
    speaks(&mut again, "still there").await?;
    hears(
        &mut bob,
        "still there",
        "bob, after alice's frame of 33 MiB,",
    )
    .await
    .map(drop)
}

/// The message is heard by another, whole; the chat goes when that is known, for it is large.
async fn passes(cx: &Context, frames: Vec<Message>, content: &str) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [creator, _] = &room.people;
    let [mut alice, mut bob] = room.connections;
    let verdict = arrives(cx, &mut alice, &mut bob, frames, content).await;
    deletes(cx, creator, &room.chat).await?;
    verdict
}

async fn arrives(
    cx: &Context,
    alice: &mut Connection,
    bob: &mut Connection,
    frames: Vec<Message>,
    content: &str,
) -> Verdict {
    speaks(alice, "small").await?;
    cx.given("hear a message", hears(bob, "small", "bob"))
        .await?;
    alice.socket.send_all(frames).await?;
    hears(bob, content, "bob").await.map(drop)
}

fn whole(frame: String) -> Message {
    Message::text(frame)
}

const MEBIBYTE: usize = 1 << 20;
/// No multiple of four, so that characters of four bytes are cut.
const PIECE: usize = 65_537;
/// How long a server may take to judge a frame by its header before the payload follows.
const A_WHILE: Duration = Duration::from_millis(300);
