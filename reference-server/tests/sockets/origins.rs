//! From which pages a browser may connect.

use chat_fixtures::socket::Offer;

use crate::stage::Stage;

/// WS-20: no `Origin`, one whose host and port equal `Host`, or a trusted one; any other is refused.
#[tokio::test]
async fn a_page_of_elsewhere_may_not_connect() {
    const TRUSTED: &str = "https://front.example,https://*.chat.example,http://dev.example:3000";
    let stage = Stage::with(&["--trusted-origin", TRUSTED]).await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let path = format!("/ws/chat/{}/", chat.id);
    let passes = 101;
    for (host, origin, status) in [
        ("chat.local", None, passes),
        ("chat.local", Some("http://chat.local"), passes),
        ("chat.local", Some("https://chat.local"), passes),
        ("chat.local", Some("http://CHAT.Local"), passes),
        ("chat.local", Some("http://chat.local:80"), passes),
        ("chat.local:80", Some("http://chat.local"), passes),
        ("chat.local:443", Some("https://chat.local"), passes),
        ("chat.local:8000", Some("http://chat.local:8000"), passes),
        ("[::1]:8000", Some("http://[::1]:8000"), passes),
        ("127.0.0.1:8000", Some("http://127.0.0.1:8000"), passes),
        ("chat.local", Some("https://front.example"), passes),
        ("chat.local", Some("https://a.chat.example"), passes),
        ("chat.local", Some("https://a.b.chat.example"), passes),
        ("chat.local", Some("https://chat.example"), passes),
        ("chat.local", Some("http://dev.example:3000"), passes),
        ("chat.local", Some(""), 403),
        ("chat.local", Some("null"), 403),
        ("chat.local", Some("file://"), 403),
        ("chat.local", Some("chat.local"), 403),
        ("chat.local", Some("http://"), 403),
        ("chat.local", Some("http://evil.example"), 403),
        ("chat.local", Some("http://chat.local.evil.example"), 403),
        ("chat.local", Some("http://evilchat.local"), 403),
        ("chat.local", Some("http://chat.local@evil.example"), 403),
        ("chat.local", Some("http://evil.example/chat.local"), 403),
        ("chat.local", Some("http://chat.local:8000"), 403),
        ("chat.local:8000", Some("http://chat.local"), 403),
        ("chat.local:443", Some("http://chat.local"), 403),
        ("localhost:8000", Some("http://127.0.0.1:8000"), 403),
        ("chat.local", Some("http://front.example"), 403),
        ("chat.local", Some("https://front.example:8443"), 403),
        ("chat.local", Some("https://a.front.example"), 403),
        ("chat.local", Some("http://a.chat.example"), 403),
        ("chat.local", Some("https://evilchat.example"), 403),
        ("chat.local", Some("https://*.chat.example.evil"), 403),
        ("chat.local", Some("http://dev.example"), 403),
    ] {
        let offer = Offer {
            origin: origin.map(str::to_owned),
            headers: vec![
                ("Host".to_owned(), host.to_owned()),
                (
                    "Cookie".to_owned(),
                    format!("sessionid={}", alice.client.session().unwrap()),
                ),
            ],
            ..Offer::default()
        };
        let handshake = alice.client.connect(&path, &offer).await.unwrap();
        assert_eq!(handshake.status(), status, "Host {host}, Origin {origin:?}");
    }
}
