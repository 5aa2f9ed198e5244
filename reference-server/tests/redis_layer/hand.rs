//! Django's hand: what its processes do in Redis, and the recorded vectors.

use chat_fixtures::launch::Redis;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;

/// A connection for the test's own commands.
pub async fn hand_in(redis: &Redis) -> MultiplexedConnection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// As `group_add` does (INTEROP §1.5).
pub async fn join_as_django(
    hand: &mut MultiplexedConnection,
    chat: i64,
    channels: &[impl AsRef<str>],
) {
    for channel in channels {
        let _: () = hand
            .zadd(format!("asgi:group:chat_{chat}"), channel.as_ref(), now())
            .await
            .unwrap();
    }
}

/// The queue and the member of the one process that joined `chat`.
pub async fn member_of(hand: &mut MultiplexedConnection, chat: i64) -> (String, String) {
    let members: Vec<String> = hand
        .zrange(format!("asgi:group:chat_{chat}"), 0, -1)
        .await
        .unwrap();
    let [member] = members.as_slice() else {
        panic!("one member, not {members:?}")
    };
    (
        format!("asgi{}!", member.split('!').next().unwrap()),
        member.clone(),
    )
}

pub async fn push(hand: &mut MultiplexedConnection, queue: &str, score: f64, entry: &[u8]) {
    let _: () = hand.zadd(queue, entry, score).await.unwrap();
}

pub fn stored(event: &serde_json::Value) -> Vec<u8> {
    let mut entry = rand::random::<[u8; 12]>().to_vec();
    entry.extend(rmp_serde::to_vec_named(event).unwrap());
    entry
}

pub fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../fixtures/recordings/vectors.json")).unwrap()
}

pub fn vector(name: &str) -> serde_json::Value {
    let vectors = vectors();
    let messages = vectors["channel_layer"]["messages"].as_array().unwrap();
    messages
        .iter()
        .find(|message| message["name"] == name)
        .expect("a vector of this name")
        .clone()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

pub fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}
