//! Redis does not answer: messages go to this process alone until it is found again (PROC-6).

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::attachment::{Attachment, Failure};
use super::courier::{COMMANDS, Command, Courier};
use super::identity::Identity;

type Attempt = Pin<Box<dyn Future<Output = Result<Attachment, Failure>> + Send>>;

/// Between attempts: doubled from the first to the last.
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LAST_DELAY: Duration = Duration::from_millis(800);

/// Serves the process by itself until Redis is back and all groups are joined. The chats of messages that only
/// this process heard are added to `unshared`.
///
/// # Errors
///
/// The process shuts down; perhaps somebody waits for it.
pub(super) async fn run(
    courier: &mut Courier,
    former: &Identity,
    unshared: &mut BTreeSet<i64>,
) -> Result<Attachment, Option<oneshot::Sender<()>>> {
    let mut delay = FIRST_DELAY;
    let mut attempt = open_after(delay, courier, former);
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
                Ok(attachment) if attachment.members == courier.joined => return Ok(attachment),
                // Connections have come and gone meanwhile.
                Ok(attachment) => {
                    let (server, chats) = (Arc::clone(&courier.server), courier.joined.clone());
                    attempt = Box::pin(async move { attachment.align(&server, &chats).await });
                }
                Err(failure) => {
                    tracing::debug!(%failure, "Redis is still gone");
                    delay = LAST_DELAY.min(delay * 2);
                    attempt = open_after(delay, courier, former);
                }
            },
        }
    }
}

fn open_after(delay: Duration, courier: &Courier, former: &Identity) -> Attempt {
    let server = Arc::clone(&courier.server);
    let former = former.clone();
    let chats: Vec<i64> = courier.joined.iter().copied().collect();
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        Attachment::open(&server, Some(&former), &chats).await
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
