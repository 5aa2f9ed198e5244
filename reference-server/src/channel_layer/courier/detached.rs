//! Redis does not answer: messages go to this process alone until it is found again (PROC-6).

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::link::Link;
use super::server::Failure;
use super::{COMMANDS, Command, Courier};

/// A link, and the chats it has joined.
type Attempt<L> = Pin<Box<dyn Future<Output = Result<(L, HashSet<i64>), Failure>> + Send>>;

/// Serves the process by itself until Redis is back and the groups are joined, all but those that came while that was
/// done. The chats of messages that only this process heard are added to `unshared`.
///
/// # Errors
///
/// The process shuts down; perhaps somebody waits for it.
pub(super) async fn run<L: Link>(
    courier: &mut Courier,
    former: &L::Identity,
    unshared: &mut BTreeSet<i64>,
) -> Result<(L, HashSet<i64>), Option<oneshot::Sender<()>>> {
    let mut delay = FIRST_DELAY;
    let mut attempt = open_after::<L>(delay, courier, former);
    let mut commands = Vec::with_capacity(COMMANDS);
    loop {
        tokio::select! {
            biased;
            taken = courier.commands.recv_many(&mut commands, COMMANDS) => {
                if taken == 0 {
                    return Err(None);
                }
                for command in commands.drain(..) {
                    if let Some(stopped) = serve(courier, command, unshared) {
                        return Err(Some(stopped));
                    }
                }
            }
            outcome = &mut attempt => match outcome {
                Ok(found) => return Ok(found),
                Err(failure) => {
                    tracing::debug!(%failure, "Redis is still gone");
                    delay = LAST_DELAY.min(delay * 2);
                    attempt = open_after(delay, courier, former);
                }
            },
        }
    }
}

fn open_after<L: Link>(delay: Duration, courier: &Courier, former: &L::Identity) -> Attempt<L> {
    let server = Arc::clone(&courier.server);
    let former = former.clone();
    let chats: Vec<i64> = courier.joined.iter().copied().collect();
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        let link = L::open(&server, Some(&former), &chats).await?;
        Ok((link, chats.into_iter().collect()))
    })
}

/// Does what can be done without Redis; gives back who waits for the end.
fn serve(
    courier: &mut Courier,
    command: Command,
    unshared: &mut BTreeSet<i64>,
) -> Option<oneshot::Sender<()>> {
    match command {
        Command::Join(chat, joined) => {
            courier.joined.insert(chat);
            let _ = joined.send(());
        }
        Command::Leave(chat) => {
            courier.joined.remove(&chat);
        }
        Command::Send(batch) => {
            unshared.extend(batch.iter().map(|outgoing| outgoing.message.chat));
            courier.local.group_send(batch);
        }
        // The other processes watch the store as well.
        Command::Announce(_) => {}
        Command::Shutdown(stopped) => return Some(stopped),
    }
    None
}

/// Between attempts: doubled from the first to the last.
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LAST_DELAY: Duration = Duration::from_millis(800);
