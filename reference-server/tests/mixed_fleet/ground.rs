//! What a mixed fleet stands on, and the programs it is made of.

use std::path::Path;
use std::time::Duration;

use chat_fixtures::launch::{Postgres, Program, Redis};
use chat_fixtures::stage::Deployment;

/// A database and a channel layer that both implementations share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    pub(crate) database: Database,
    pub(crate) layer: Layer,
}

/// The databases that both can use.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// The channel layers that both speak.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layer {
    /// `channels_redis.core`
    Core,
    /// `channels_redis.pubsub`
    PubSub,
}

/// The places of the fleet's processes.
pub(crate) const DJANGO: usize = 0;
pub(crate) const OURS: [usize; 2] = [1, 2];
pub(crate) const ALL: [usize; 3] = [0, 1, 2];

impl Ground {
    /// One Daphne and two processes of ours.
    pub(crate) async fn fleet(self) -> Deployment {
        self.deployment(vec![self.django(), self.ours(), self.ours()])
            .await
    }

    /// These programs as one deployment.
    pub(crate) async fn deployment(self, programs: Vec<Program>) -> Deployment {
        let redis = Redis::start().await.unwrap();
        match self.database {
            Database::Sqlite => Deployment::start(programs, Some(redis)).await,
            Database::Postgres => {
                let postgres = Postgres::shared().await.unwrap();
                let database = postgres.database().await.unwrap();
                Deployment::start_on(&database, programs, Some(redis)).await
            }
        }
    }

    /// The original. Its first start anywhere installs what it needs.
    pub(crate) fn django(self) -> Program {
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/django/serve");
        self.told(Program::new(serve))
            .env("CHAT_PASSWORD_ITERATIONS", ITERATIONS)
            .ready_when_answering("/api/me/")
            .within(Duration::from_secs(300))
    }

    /// This server.
    pub(crate) fn ours(self) -> Program {
        self.told(Program::new(env!("CARGO_BIN_EXE_chat-reference-server")))
            .args(["--password-iterations", ITERATIONS])
    }

    /// What both are told alike.
    fn told(self, program: Program) -> Program {
        let layer = match self.layer {
            Layer::Core => "core",
            Layer::PubSub => "pubsub",
        };
        program
            .args(["-p", "{port}", "--database", "{database}"])
            .args(["--redis", "{redis}"])
            .env("CHAT_REDIS_LAYER", layer)
            .env("CHAT_SECRET_KEY", "the key of the whole fleet")
    }
}

const ITERATIONS: &str = "1000";
