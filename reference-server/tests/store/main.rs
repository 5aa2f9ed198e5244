//! What a store promises, asked of both: in a SQLite file, in a Postgres.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod beside_django;
mod chats;
mod ground;
mod groups;
mod opening;
mod outages;
mod people;
mod watch;

/// Makes two tests of each story, one for each kind of store.
macro_rules! stories {
    ($($story:ident),* $(,)?) => {
        mod in_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::ground::Ground::sqlite()).await;
            })*
        }

        mod in_postgres {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::ground::Ground::postgres().await).await;
            })*
        }
    };
}
use stories;
