//! One connected period: two connections, one identity, the groups that were joined under it.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Value};

use super::entry::Form;
use super::identity::{self, Identity};
use super::{Options, RedisLayerError, scripts};

/// Where Redis is, and what was agreed with the rest of the fleet.
#[derive(Debug)]
pub(super) struct Server {
    client: Client,
    pub(super) options: Options,
    pub(super) form: Form,
    pub(super) registry: String,
    pub(super) clock: String,
}

impl Server {
    pub(super) fn at(url: &str, options: Options) -> Result<Self, RedisLayerError> {
        // The category alone: what follows may quote the URL, and with it a password.
        let client =
            Client::open(url).map_err(|error| RedisLayerError::Url(error.category().to_owned()))?;
        Ok(Self {
            client,
            registry: identity::registry(&options.prefix),
            clock: identity::clock(&options.prefix),
            form: Form::new(options.codec),
            options,
        })
    }

    /// For people; without credentials.
    pub(super) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    /// A connection without a limit on a reply's time: a pop that waits in Redis would be cut off by it, and
    /// the entry it then pops lost (INTEROP §11).
    async fn connect(&self) -> Result<MultiplexedConnection, Failure> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let mut connection = in_time(
            self.client
                .get_multiplexed_async_connection_with_config(&config),
        )
        .await?;
        // A Redis that hangs still accepts connections; only a reply tells, and this leaves nothing behind.
        in_time(redis::cmd("PING").query_async::<()>(&mut connection)).await?;
        Ok(connection)
    }
}

/// How long Redis may take for a reply.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);
/// How long Django keeps a membership that nobody renews, and how often it is renewed. The difference is what
/// clocks may disagree by.
const LEASE: Duration = Duration::from_secs(60);
pub(super) const RENEWAL: Duration = Duration::from_secs(15);
/// A process that has not read for so long, and whose queue is full, is given up.
pub(super) const SILENCE: Duration = Duration::from_secs(3);
/// One that has not read for so long has lost entries by their expiry (60 s), and starts anew.
pub(super) const DEATH: Duration = Duration::from_secs(50);
/// Chats in one call, so that no call keeps Redis busy for long.
pub(super) const CHATS_A_CALL: usize = 500;

/// What a process has with Redis while it is attached.
pub(super) struct Attachment {
    pub(super) identity: Identity,
    /// For everything but the queue.
    pub(super) sender: MultiplexedConnection,
    /// For the queue alone: it waits inside Redis.
    pub(super) reader: MultiplexedConnection,
    /// The chats that were joined.
    pub(super) members: HashSet<i64>,
}

impl Attachment {
    /// Connects under a new identity, ends `former`, and joins `chats`.
    pub(super) async fn open(
        server: &Server,
        former: Option<&Identity>,
        chats: &[i64],
    ) -> Result<Self, Failure> {
        let (mut sender, reader) = tokio::try_join!(server.connect(), server.connect())?;
        let identity = Identity::drawn(&server.options.prefix);
        let former = former.map_or("", |former| former.process.as_str());

        let mut opening = redis::pipe();
        for load in scripts::load() {
            opening.add_command(load).ignore();
        }
        let mut enter = scripts::call(&scripts::ENTER, &[&server.registry]);
        enter
            .arg(&server.options.prefix)
            .arg(&identity.process)
            .arg(former)
            .arg(DEATH.as_secs());
        opening.add_command(enter).ignore();
        in_time(opening.query_async::<()>(&mut sender)).await?;

        let mut attachment = Self {
            identity,
            sender,
            reader,
            members: HashSet::new(),
        };
        attachment.join_all(server, former, chats).await?;
        Ok(attachment)
    }

    /// Makes the memberships exactly `chats`.
    pub(super) async fn align(
        mut self,
        server: &Server,
        chats: &HashSet<i64>,
    ) -> Result<Self, Failure> {
        let missing: Vec<i64> = chats.difference(&self.members).copied().collect();
        let surplus: Vec<i64> = self.members.difference(chats).copied().collect();
        self.join_all(server, "", &missing).await?;
        for part in surplus.chunks(CHATS_A_CALL) {
            let leave = membership(server, &self.identity, "", &[], part);
            in_time(leave.query_async::<Value>(&mut self.sender)).await?;
        }
        self.members.clone_from(chats);
        Ok(self)
    }

    async fn join_all(
        &mut self,
        server: &Server,
        former: &str,
        chats: &[i64],
    ) -> Result<(), Failure> {
        for part in chats.chunks(CHATS_A_CALL) {
            let join = membership(server, &self.identity, former, part, &[]);
            in_time(join.query_async::<Value>(&mut self.sender)).await?;
            self.members.extend(part);
        }
        Ok(())
    }
}

/// The call that joins or renews `joins` and leaves `leaves`. Its reply is the list of chats the process was no
/// member of, or nil if the process counts as dead.
pub(super) fn membership(
    server: &Server,
    identity: &Identity,
    former: &str,
    joins: &[i64],
    leaves: &[i64],
) -> Cmd {
    let options = &server.options;
    let mut call = scripts::call(&scripts::MEMBERSHIP, &[&server.registry]);
    call.arg(&options.prefix)
        .arg(&identity.process)
        .arg(former)
        .arg(LEASE.as_secs())
        .arg(options.group_expiry)
        .arg(joins.len());
    // An empty slice would be no argument at all, which is what is wanted here.
    call.arg(joins).arg(leaves);
    call
}

/// Why Redis could not be used.
#[derive(Debug)]
pub(super) enum Failure {
    Silent,
    Refused(RedisError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => write!(f, "no reply within {} ms", PATIENCE.as_millis()),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

async fn in_time<T>(call: impl Future<Output = Result<T, RedisError>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(reply) => reply.map_err(Failure::Refused),
        Err(_) => Err(Failure::Silent),
    }
}
