//! How many connections there may be, in all and of one user.

use crate::operator::Operator;
use crate::stage::Stage;

/// `--max-connections`: one more gets 503, and is welcome once somebody has gone.
#[tokio::test]
async fn a_full_process_answers_503() {
    let stage =
        Stage::with(&[&["--max-connections", "2"][..], &Operator::ARGUMENTS].concat()).await;
    let operator = Operator::of(&stage).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let first = alice.connects(&chat).await.unwrap();
    let mut second = bob.connects(&chat).await.unwrap();

    for person in [&alice, &bob] {
        assert_eq!(person.tries_to_connect(&chat).await.unwrap().status(), 503);
    }
    let mallory = stage.people.person("mallory").await.unwrap();
    assert_eq!(mallory.tries_to_connect(&chat).await.unwrap().status(), 403);

    first.socket.close().await;
    operator.comes_to_connections(1).await;
    let mut third = alice.connects(&chat).await.unwrap();
    let said = third.says("there was a place").await.unwrap();
    assert_eq!(second.hears().await.unwrap(), said);
}

/// `--max-connections-per-user`: one more of the same user gets 429, in whatever chat; others are let in.
#[tokio::test]
async fn a_user_with_all_its_connections_gets_429() {
    let limit = ["--max-connections-per-user", "2"];
    let stage = Stage::with(&[&limit[..], &Operator::ARGUMENTS].concat()).await;
    let operator = Operator::of(&stage).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let other = alice.creates_chat_with(&[]).await.unwrap();
    let first = alice.connects(&chat).await.unwrap();
    let mut second = alice.connects(&other).await.unwrap();

    for full in [&chat, &other] {
        assert_eq!(alice.tries_to_connect(full).await.unwrap().status(), 429);
    }
    let mut bobs = bob.connects(&chat).await.unwrap();
    bobs.says("I may").await.unwrap();
    second.says("so may I").await.unwrap();

    drop(first);
    operator.comes_to_connections(2).await;
    let mut third = alice.connects(&chat).await.unwrap();
    let said = third.says("and again").await.unwrap();
    assert_eq!(bobs.hears().await.unwrap(), said);
}

/// A refused handshake holds no place, however many there are.
#[tokio::test]
async fn refusals_cost_no_place() {
    let stage =
        Stage::with(&[&["--max-connections", "1"][..], &Operator::ARGUMENTS].concat()).await;
    let operator = Operator::of(&stage).await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mallory = stage.people.person("mallory").await.unwrap();
    for _ in 0..20 {
        assert_eq!(mallory.tries_to_connect(&chat).await.unwrap().status(), 403);
    }
    operator.comes_to_connections(0).await;
    alice
        .connects(&chat)
        .await
        .unwrap()
        .says("first")
        .await
        .unwrap();
}
