//! What may be said, at any length and in any spelling, and the words of every refusal.

use chat_fixtures::socket::Socket;
use serde_json::json;

use crate::sized::MIB;
use crate::stage::{Stage, content, event, history};

/// WS-13, HIST-2: 1 MiB of content comes through and is kept, however the client escapes it.
#[tokio::test]
async fn a_mebibyte_passes_however_it_is_escaped() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap().socket;
    let mut listener = bob.connects(&chat).await.unwrap().socket;
    let mut said = Vec::new();
    for (spelling, content, times) in [
        ("x", "x", MIB),
        (r"\u0078", "x", MIB),
        (r"\n", "\n", MIB),
        (r"\u001f", "\u{1f}", MIB),
        ("é", "é", MIB / 2),
        (r"\u00e9", "é", MIB),
        (r"\ud83d\ude80", "🚀", MIB / 4),
        (r#"\"\\\/\u0022🚀"#, "\"\\/\"🚀", MIB / 8),
    ] {
        let frame = format!("{{\"content\":\"{}\"}}", spelling.repeat(times));
        speaker.send_text(frame).await.unwrap();
        let content = content.repeat(times);
        hears(&mut speaker, &content, spelling).await;
        hears(&mut listener, &content, spelling).await;
        said.push(content);
    }
    assert!(
        history(&bob, &chat).await == said,
        "the history says otherwise"
    );
}

/// Compared without being printed.
async fn hears(socket: &mut Socket, due: &str, spelling: &str) {
    let event = event(socket).await;
    assert!(
        content(&event) == due,
        "of {spelling} other content was heard"
    );
}

/// WS-5, WS-6, WS-11, WS-14, WS-15, WS-16: each of these frames gets its words, for the sender alone;
/// nothing is stored, the connection goes on.
#[tokio::test]
async fn a_refused_frame_gets_its_words_and_nothing_else_happens() {
    const INVALID: &str = "Invalid JSON";
    const EMPTY: &str = "Content cannot be empty";
    const NO_TEXT: &str = "Content must be a string";
    const CHARACTERS: &str = "Content contains characters that are not allowed";
    let nested = |open: &str, close: &str, depth: usize| {
        let (open, close) = (open.repeat(depth), close.repeat(depth));
        format!("{{\"content\":\"x\",\"y\":{open}1{close}}}")
    };
    let digits = |count: usize| format!("{{\"content\":\"x\",\"y\":{}}}", "9".repeat(count));
    let mut frames: Vec<(String, &str)> = vec![
        (nested("[", "]", 10_000), INVALID),
        (nested("{\"y\":", "}", 10_000), INVALID),
        ("[".repeat(1_000_000), INVALID),
        ("{\"content\":".repeat(500_000), INVALID),
        (digits(5_000), INVALID),
        (digits(1_000_000), INVALID),
        (format!("{{\"content\":-{}}}", "9".repeat(5_000)), INVALID),
        (
            format!("{{\"content\":\"x\",\"y\":1{}.5}}", "0".repeat(400)),
            INVALID,
        ),
    ];
    for text in [
        "",
        " ",
        "x",
        "{bad",
        "{",
        "}",
        "{'content':'x'}",
        "{content:\"x\"}",
        r#"{"content":"x",}"#,
        r#"{"content":"x"}}"#,
        r#"{"content":"x"} {}"#,
        "{\"content\":\"\n\"}",
        r#"{"content":"\x"}"#,
        r#"{"content":"\u12"}"#,
        r#"{"content":01}"#,
        r#"{"content":1.}"#,
        r#"{"content":+1}"#,
        "\u{feff}{\"content\":\"x\"}",
        "\u{a0}{\"content\":\"x\"}",
        // Not an object.
        "null",
        "true",
        "1",
        "\"x\"",
        "[]",
        r#"["content"]"#,
        r#"[{"content":"x"}]"#,
        // No number, anywhere.
        r#"{"content":NaN}"#,
        r#"{"content":Infinity}"#,
        r#"{"content":-Infinity}"#,
        r#"{"content":1e999}"#,
        r#"{"content":-1e999}"#,
        r#"{"content":"x","y":NaN}"#,
        r#"{"content":"x","y":[{"z":[-Infinity]}]}"#,
        r#"{"content":"x","y":{"z":1e999}}"#,
        r#"{"y":1e400,"content":""}"#,
        "NaN",
        "1e999",
        "[Infinity]",
        r#"{"content":NaN,"content":"x"}"#,
    ] {
        frames.push((text.to_owned(), INVALID));
    }
    for text in [
        "{}",
        r#"{"Content":"x"}"#,
        r#"{"content":null}"#,
        r#"{"content":""}"#,
        r#"{"content":false}"#,
        r#"{"content":0}"#,
        r#"{"content":-0}"#,
        r#"{"content":0.0}"#,
        r#"{"content":-0.0e9}"#,
        r#"{"content":1e-999}"#,
        r#"{"content":[]}"#,
        r#"{"content":{}}"#,
        r#"{"content":"x","content":""}"#,
    ] {
        frames.push((text.to_owned(), EMPTY));
    }
    for text in [
        r#"{"content":true}"#,
        r#"{"content":[0]}"#,
        r#"{"content":["x"]}"#,
        r#"{"content":[[]]}"#,
        r#"{"content":{"content":"x"}}"#,
        r#"{"content":"x","content":true}"#,
    ] {
        frames.push((text.to_owned(), NO_TEXT));
    }
    for text in [
        r#"{"content":"\u0000"}"#,
        r#"{"content":"a\u0000b"}"#,
        r#"{"content":"\ud800"}"#,
        r#"{"content":"\udc00"}"#,
        r#"{"content":"\ude80\ud83d"}"#,
        r#"{"content":"\ud83dx\ude80"}"#,
        r#"{"content":"\uD83D\n"}"#,
    ] {
        frames.push((text.to_owned(), CHARACTERS));
    }

    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap().socket;
    let mut listener = bob.connects(&chat).await.unwrap();
    for (frame, words) in &frames {
        speaker.send_text(frame.as_str()).await.unwrap();
        let shown: String = frame.chars().take(80).collect();
        let error = json!({"type": "error", "message": words});
        assert_eq!(event(&mut speaker).await, error, "{shown}");
    }
    speaker.send_text(r#"{"content":"at last"}"#).await.unwrap();
    assert_eq!(content(&event(&mut speaker).await), "at last");
    assert_eq!(content(&listener.hears().await.unwrap()), "at last");
    assert_eq!(history(&bob, &chat).await, ["at last"]);
}

/// WS-7, WS-11: what is odd and yet no fault, word for word in the history too.
#[tokio::test]
async fn odd_content_is_said_as_it_is() {
    let long = "9".repeat(4_300);
    let frames = [
        (r#"{"content":" \t "}"#.to_owned(), " \t "),
        ("\t\r\n {\"content\" : \"x\" }\n".to_owned(), "x"),
        (r#"{"content":"a","content":"b"}"#.to_owned(), "b"),
        (
            r#"{"content":"x","n":[1e308,-1E-400,{"y":[]}]}"#.to_owned(),
            "x",
        ),
        (r#"{"content":"x","n":"NaN \u0000 \ud800"}"#.to_owned(), "x"),
        (
            r#"{"content":"y","chat":999,"sender":{"id":1},"id":1,"type":"error"}"#.to_owned(),
            "y",
        ),
        (r#"{"\u0063ontent":"z"}"#.to_owned(), "z"),
        (r#"{"content":"NaN"}"#.to_owned(), "NaN"),
        (r#"{"content":12.50}"#.to_owned(), "12.5"),
        (r#"{"content":-1}"#.to_owned(), "-1"),
        (r#"{"content":1e3}"#.to_owned(), "1000.0"),
        (r#"{"content":1e16}"#.to_owned(), "1e+16"),
        (r#"{"content":0.00001}"#.to_owned(), "1e-05"),
        (format!("{{\"content\":{long}}}"), long.as_str()),
        (
            format!(
                "{{\"content\":\"deep\",\"y\":{}{}}}",
                "[".repeat(500),
                "]".repeat(500)
            ),
            "deep",
        ),
        (
            r#"{"content":"<script>alert(1)</script>"}"#.to_owned(),
            "<script>alert(1)</script>",
        ),
        (
            "{\"content\":\"\u{7f}\u{2028}\u{202e}\u{ffff}\"}".to_owned(),
            "\u{7f}\u{2028}\u{202e}\u{ffff}",
        ),
    ];
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap().socket;
    for (frame, due) in &frames {
        speaker.send_text(frame.as_str()).await.unwrap();
        let event = event(&mut speaker).await;
        assert_eq!(content(&event), *due);
        assert_eq!(event["message"]["chat"], chat.id);
        assert_eq!(event["message"]["sender"]["id"], alice.id);
    }
    assert!(
        history(&bob, &chat)
            .await
            .iter()
            .eq(frames.map(|(_, due)| due))
    );
}
