//! How a master is named, and how a connection to it comes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use zeromq::RouterSocket;

use super::*;

#[test]
fn a_master_is_named_by_host_and_port() {
    for (text, named) in [
        ("10.0.0.5:5557", "10.0.0.5:5557"),
        ("master.example:7000", "master.example:7000"),
        ("master", "master:5557"),
        ("[::1]:5557", "[::1]:5557"),
        ("[::1]", "[::1]:5557"),
    ] {
        assert_eq!(text.parse::<Master>().unwrap().to_string(), named);
    }
}

#[test]
fn what_names_no_master_is_refused() {
    for text in [
        "",
        ":5557",
        "master:",
        "master:port",
        "master:70000",
        "master:0",
        "tcp://master:5557",
        "::1:5557",
    ] {
        assert!(text.parse::<Master>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_broke_is_made_anew_under_the_same_name() {
    let mut router = RouterSocket::new();
    let address = router.bind("tcp://127.0.0.1:0").await.unwrap().to_string();
    let master: Master = address.trim_start_matches("tcp://").parse().unwrap();
    let mut link = Link::new(master, "north").unwrap();
    assert!(link.send(b"too early".to_vec()).await.is_err());
    assert!(matches!(link.next().await, Heard::Connected));
    link.send(b"first".to_vec()).await.unwrap();
    assert_eq!(hears(&mut router).await, ["north", "first"]);

    router.unbind_all().await;
    drop(router);
    assert!(matches!(link.next().await, Heard::Lost(_)));
    assert!(!link.is_connected());
    let mut router = RouterSocket::new();
    router.bind(&address).await.expect("the same port");
    while !link.is_connected() {
        link.next().await;
    }
    link.send(b"second".to_vec()).await.unwrap();
    assert_eq!(hears(&mut router).await, ["north", "second"]);
}

async fn hears(router: &mut RouterSocket) -> Vec<String> {
    let message = router.recv().await.unwrap();
    let frames = message
        .iter()
        .map(|frame| String::from_utf8_lossy(frame).into_owned());
    frames.collect()
}
