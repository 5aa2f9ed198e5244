//! The Redis layers against a real Redis: order and capacity, Django's side of the wire, outages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "nobody else reads a test's items"
)]

mod alike;
mod bench;
mod cable;
mod django;
mod fleet;
mod hand;
mod outages;
mod pubsub;
mod sealed;

/// Makes a test of each story on each layer.
macro_rules! stories {
    ($($story:ident),* $(,)?) => {
        $crate::told_on!(on_queues: Queues, $($story),*);
        $crate::told_on!(on_encrypted_queues: EncryptedQueues, $($story),*);
        $crate::told_on!(on_pubsub: PubSub, $($story),*);
        $crate::told_on!(on_encrypted_pubsub: EncryptedPubSub, $($story),*);
    };
}

macro_rules! told_on {
    ($module:ident: $layer:ident, $($story:ident),*) => {
        mod $module {
            $(#[tokio::test]
            async fn $story() {
                super::$story(crate::bench::Layer::$layer).await;
            })*
        }
    };
}

use {stories, told_on};
