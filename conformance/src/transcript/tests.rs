//! No secret leaves a transcript, wherever it was put.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::transcript::{
    Entry, Event, Text, Transcript,
    secrets::{Kind, Secrets},
};

const SESSION: &str = "abcdefghijklmnopqrstuvwxyz012345";
const TOKEN: &str = "ZYXWVUTSRQPONMLKJIHGFEDCBA987654";
const MASKED: &str = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF";

fn knowing(learn: impl FnOnce(&mut Secrets)) -> Secrets {
    let mut secrets = Secrets::default();
    learn(&mut secrets);
    secrets
}

#[test]
fn cookies_of_any_name_are_hidden_and_their_attributes_shown() {
    let secrets = knowing(|secrets| {
        secrets.learn_header(
            "set-cookie",
            &format!("sessionid={SESSION}; HttpOnly; Path=/"),
        );
        secrets.learn_header("Set-Cookie", &format!("__Host-ticket=\"{TOKEN}\"; Secure"));
    });
    let shown = |line: &str| secrets.masked_header("set-cookie", line);
    assert_eq!(
        shown(&format!("sessionid={SESSION}; HttpOnly; Path=/")),
        "sessionid=<session key>; HttpOnly; Path=/"
    );
    assert_eq!(
        shown(&format!("__Host-ticket=\"{TOKEN}\"; Secure")),
        "__Host-ticket=\"<cookie>\"; Secure"
    );
    assert_eq!(
        shown("sessionid=\"\"; Max-Age=0"),
        "sessionid=\"\"; Max-Age=0"
    );
    assert_eq!(shown("lang=en; Path=/"), "lang=<2 characters>; Path=/");
    assert_eq!(
        secrets.masked_header("cookie", &format!("csrftoken=short; sessionid={SESSION}")),
        "csrftoken=<5 characters>; sessionid=<session key>"
    );
    assert_eq!(
        secrets.masked(&format!("your key is {SESSION}!"), false),
        "your key is <session key>!"
    );
}

#[test]
fn headers_that_carry_secrets_are_hidden_and_others_shown() {
    let secrets = knowing(|secrets| {
        secrets.learn_header("X-CSRFToken", MASKED);
        secrets.learn_header("Authorization", "Basic dXNlcjpwYXNzd29yZA==");
    });
    assert_eq!(secrets.masked_header("x-csrftoken", MASKED), "<CSRF token>");
    assert_eq!(
        secrets.masked_header("authorization", "Basic dXNlcjpwYXNzd29yZA=="),
        "<secret>"
    );
    assert_eq!(secrets.masked_header("x-api-key", "abc"), "<3 characters>");
    assert_eq!(secrets.masked("dXNlcjpwYXNzd29yZA==", false), "<secret 2>");
    for (name, value) in [
        ("accept", "text/html"),
        ("sec-websocket-protocol", "chat"),
        ("www-authenticate", "Session"),
    ] {
        assert_eq!(secrets.masked_header(name, value), value);
    }
}

#[test]
fn passwords_and_tokens_of_every_form_of_body_are_hidden_wherever_they_come_back() {
    let bodies = [
        r#"{"username": "alice", "password": "s3cret pä\"ss"}"#.to_owned(),
        r#"{"deep": [{"password": "s3cret pä\"ss"}]}"#.to_owned(),
        "username=alice&password=s3cret+p%C3%A4%22ss".to_owned(),
        "username=alice\npassword=s3cret pä\"ss".to_owned(),
        "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ns3cret pä\"ss\r\n--b--"
            .to_owned(),
    ];
    let echoes = [
        "s3cret pä\"ss",
        r#"{"password": "s3cret p\u00e4\"ss"}"#,
        r#"{"password": "s3cret pä\"ss"}"#,
        "password=s3cret+p%C3%A4%22ss",
        "s3cret%20p%C3%A4%22ss",
        "<input value=\"s3cret pä&quot;ss\">",
    ];
    for body in &bodies {
        let secrets = knowing(|secrets| secrets.learn_body(body.as_bytes()));
        for echo in echoes {
            let shown = secrets.masked(echo, false);
            assert!(
                shown.contains("<password>") && !shown.contains("s3cret"),
                "{body}: {shown}"
            );
        }
    }
    let secrets = knowing(|secrets| {
        secrets.learn_body(format!("name=x&csrfmiddlewaretoken={MASKED}").as_bytes())
    });
    assert_eq!(secrets.masked(MASKED, false), "<CSRF token>");
}

#[test]
fn a_pages_token_and_a_urls_password_are_secrets() {
    let page = format!("<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{MASKED}\">");
    let secrets = knowing(|secrets| {
        secrets.learn_page(&page);
        secrets.learn_url("https://ci:hunter2222@staging.example/api");
    });
    assert!(!secrets.masked(&page, false).contains(MASKED));
    assert_eq!(
        secrets.masked("https://ci:hunter2222@staging.example", false),
        "https://ci:<password>@staging.example"
    );
}

#[test]
fn two_secrets_have_two_names_and_words_of_the_contract_are_none() {
    let secrets = knowing(|secrets| {
        for value in ["first-one", "second-one", "first-one", "password", "short"] {
            secrets.learn(Kind::Password, value);
        }
    });
    let body = r#"{"password":"first-one","password_confirm":"second-one","x":"short"}"#;
    assert_eq!(
        secrets.masked(body, false),
        r#"{"password":"<password>","password_confirm":"<password 2>","x":"short"}"#
    );
}

#[test]
fn a_cut_leaves_no_beginning_of_a_secret() {
    let secrets = knowing(|secrets| secrets.learn(Kind::Session, SESSION));
    assert_eq!(
        secrets.masked(&format!("key: {}", &SESSION[..20]), true),
        "key: "
    );
}

#[test]
fn an_early_echo_is_hidden_by_what_is_learned_later() {
    let transcript = Transcript::new();
    transcript.note(format!("{SESSION} and {TOKEN}"));
    transcript.story().secrets.learn(Kind::Session, SESSION);
    transcript.hides("x-gate", TOKEN);
    let entries = serde_json::to_string(&transcript.entries()).unwrap();
    assert!(entries.contains("<session key> and <secret>"), "{entries}");
}

#[test]
fn a_long_story_keeps_its_beginning_and_its_end() {
    let transcript = Transcript::new();
    for n in 0..1_000 {
        transcript.note(format!("note {n}"));
    }
    let notes: Vec<String> = transcript
        .entries()
        .into_iter()
        .map(|Entry { event, .. }| match event {
            Event::Note { text } => text,
            other => format!("{other:?}"),
        })
        .collect();
    assert!(notes.len() <= 241, "{}", notes.len());
    assert_eq!(
        (notes[0].as_str(), notes[39].as_str()),
        ("note 0", "note 39")
    );
    assert!(
        notes[40].ends_with("entries are left out here"),
        "{}",
        notes[40]
    );
    assert_eq!(notes.last().unwrap(), "note 999");
}

#[test]
fn texts_are_bounded() {
    let text = Text::of(&"ä".repeat(10_000), 2_048);
    assert_eq!(
        (text.text.chars().count(), text.bytes, text.cut),
        (2_048, 20_000, true)
    );
    let text = Text::of_bytes(&vec![b'x'; 1 << 20]);
    assert_eq!(
        (text.text.len(), text.bytes, text.cut),
        (2_048, 1 << 20, true)
    );
}

#[test]
fn a_short_header_of_the_command_line_is_hidden_under_its_name() {
    let secrets = knowing(|secrets| secrets.learn_own("X-Gate", "ab1"));
    assert_eq!(secrets.masked_header("x-gate", "ab1"), "<3 characters>");
    assert_eq!(secrets.masked_header("x-gate", "other"), "other");
    assert_eq!(secrets.masked_header("etag", "ab1"), "ab1");
    assert_eq!(secrets.masked("ab1", false), "ab1");
}
