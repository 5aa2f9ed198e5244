//! A Daphne of the Django original and two processes of this server, as one deployment: either answers any
//! request, and what one of them did holds at all (INTEROP §1 to §9).
//!
//! Each story is told on each ground, a database and a channel layer; both tables are at the end of this file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the migration shows its figures"
)]

mod accounts;
mod announcements;
mod chats;
mod delivery;
mod endings;
mod ground;
mod migration;
mod participant;
mod sessions;
mod tables;

macro_rules! stories {
    ($($file:ident::$story:ident),* $(,)?) => {
        /// A module of tests: every story on one ground.
        macro_rules! told_on {
            ($ground:ident: $database:ident + $layer:ident) => {
                mod $ground {
                    use crate::ground::{Database, Ground, Layer};

                    const GROUND: Ground = Ground {
                        database: Database::$database,
                        layer: Layer::$layer,
                    };
                    $(
                        #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
                        async fn $story() {
                            crate::$file::$story(GROUND).await;
                        }
                    )*
                }
            };
        }
    };
}

stories! {
    sessions::a_session_of_any_process_is_good_at_every_other,
    sessions::a_csrf_token_of_any_process_is_good_at_every_other,
    accounts::who_registers_at_one_logs_in_at_another,
    delivery::everybody_hears_everybody_once_and_in_order,
    chats::a_chat_is_the_same_at_all,
    endings::a_logout_at_any_ends_the_session_at_all,
    endings::what_ends_a_session_in_the_database_ends_it_at_all,
    announcements::what_ours_tell_each_other_closes_no_connection_of_django,
    migration::from_two_daphnes_to_two_of_ours_and_back,
}

told_on!(sqlite_and_core: Sqlite + Core);
told_on!(sqlite_and_pubsub: Sqlite + PubSub);
told_on!(postgres_and_core: Postgres + Core);
told_on!(postgres_and_pubsub: Postgres + PubSub);
