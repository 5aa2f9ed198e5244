//! Peers that are gone without a word, and those that are only silent.

use std::time::Duration;

use chat_fixtures::people::{Connection, LIVE_FRAME};
use tokio::time::Instant;

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, in_json},
    listening::{ends, expect_heard},
};

checks! {
    WS_23 => dead_peers_are_found_by_ping [Waits],
    WS_23 => living_peers_are_kept [Waits],
}

/// Dead from the handshake on: it reads, and answers nothing.
async fn dead_peers_are_found_by_ping(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let mut dead = cx.connected(&alice, &chat).await?;

    let fate = plays_dead(&mut dead, MINUTE).await;

    expect(
        fate.ended,
        "a peer that answers no ping",
        format!("that it is given up within {MINUTE:?}"),
        "it is connected still",
    )?;
    expect(
        fate.pinged,
        "a peer that answers no ping",
        "a ping before it is given up",
        "none",
    )
}

/// As idle as a dead one, for as long; but it answers pings.
async fn living_peers_are_kept(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut living = cx.connected(&bob, &chat).await?;
    let mut dead = cx.connected(&alice, &chat).await?;

    let end = tokio::select! {
        _ = plays_dead(&mut dead, MINUTE) => None,
        end = ends(&mut living, MINUTE) => end,
    };
    expect(
        end.is_none(),
        "an idle peer that answers pings",
        "that it is kept",
        format!("closed with {}", in_json(&end)),
    )?;
    let mut speaker = cx.connected(&alice, &chat).await?;
    cx.given(
        "say something",
        speaker.socket.send_text(r#"{"content":"after a while"}"#),
    )
    .await?;
    let what = "an idle peer that has answered pings all the while";
    expect_heard(&mut living, "after a while", LIVE_FRAME, what)
        .await
        .map(drop)
}

/// What became of a peer that answers nothing.
struct Fate {
    pinged: bool,
    ended: bool,
}

/// Reads beneath the protocol, where no ping is answered, until the end.
async fn plays_dead(connection: &mut Connection, within: Duration) -> Fate {
    let deadline = Instant::now() + within;
    let mut fate = Fate {
        pinged: false,
        ended: false,
    };
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !fate.ended {
        let left = deadline.saturating_duration_since(Instant::now());
        match connection.socket.read_raw(&mut buffer, left).await {
            Ok(None) => break,
            Ok(Some(0)) | Err(_) => fate.ended = true,
            Ok(Some(read)) => {
                bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
                while let Some(opcode) = takes_frame(&mut bytes) {
                    fate.pinged |= opcode == PING;
                    fate.ended |= opcode == CLOSE;
                }
            }
        }
    }
    fate
}

/// Cuts the first frame off, if it is whole: its opcode (RFC 6455 §5.2; a server masks nothing).
fn takes_frame(bytes: &mut Vec<u8>) -> Option<u8> {
    let opcode = bytes.first()? & 0x0f;
    let (header, length): (usize, usize) = match bytes.get(1)? & 0x7f {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            (4, usize::from(u16::from_be_bytes(length)))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        length => (2, usize::from(length)),
    };
    let end = header
        .checked_add(length)
        .filter(|end| *end <= bytes.len())?;
    bytes.drain(..end);
    Some(opcode)
}

const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
/// The minute of WS-23, and a little for a busy machine.
const MINUTE: Duration = Duration::from_secs(65);

#[cfg(test)]
mod tests {
    use super::takes_frame;

    #[test]
    fn frames_are_cut_off_one_by_one() {
        let mut bytes = vec![0x89, 0, 0x81, 126, 0, 2, b'h', b'i', 0x88, 2, 3];
        assert_eq!(takes_frame(&mut bytes), Some(0x9));
        assert_eq!(takes_frame(&mut bytes), Some(0x1));
        assert_eq!(takes_frame(&mut bytes), None, "half a close frame");
        bytes.push(0xe8);
        assert_eq!(takes_frame(&mut bytes), Some(0x8));
        assert!(bytes.is_empty());
    }
}
