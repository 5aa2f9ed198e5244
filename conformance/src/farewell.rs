//! When a run is over: what it made is removed, and what stays behind is told.

use std::time::Duration;

use chat_fixtures::userinfo;
use tokio::time::timeout;

use crate::{
    check::Outcome,
    cli::Cli,
    report::{CheckResult, visible::amount},
    run::Run,
    transcript::Event,
};

/// What stays behind at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing, not even the target.
    Nothing,
    /// Accounts, and as many chats that could not be deleted.
    Chats(usize),
    /// Accounts, and nobody knows how many chats: the server is slow or gone.
    Unknown,
}

/// Deletes the run's chats: what is left after that.
pub async fn tidies_up(run: &Run) -> Left {
    let rate = run.target.reach().rate.map_or(u32::MAX, u32::from);
    let chats = u32::try_from(run.chats_left()).unwrap_or(u32::MAX);
    let paced = Duration::from_secs((chats / rate).into());
    let tidied = timeout(TIDYING + paced, run.tidies_up()).await;
    tidied.map_or(Left::Unknown, Left::Chats)
}

/// What the reader has to know besides: what could not be told apart, what stays behind.
pub fn notes_on(run: &Run, cli: &Cli, left: Left) -> Vec<String> {
    let mut notes = Vec::new();
    if run.target.processes > run.target.bases.len() {
        notes.push(format!(
            "{} processes stand behind {}: which of them answered a request was the balancer's choice, so a \
             broken process is not told from a broken deployment; nor can it be told whether more than one of them \
             answered",
            run.target.processes,
            userinfo::hidden(&run.target.bases.join(", "))
        ));
    }
    notes.extend(unjoined(cli));
    if !cli.skip.is_empty() {
        notes.push(format!("left out as asked: {}", cli.skip.join(", ")));
    }
    if left == Left::Nothing {
        return notes;
    }
    let accounts = run.accounts_left();
    if accounts > 0 {
        notes.push(format!(
            "{} behind, for the contract has no way to delete one: the name begins with {}",
            match accounts {
                1 => "1 account stays".to_owned(),
                n => format!("{} stay", amount(n, "account")),
            },
            run.prefix
        ));
    }
    match left {
        Left::Nothing | Left::Chats(0) => {}
        Left::Chats(n) => notes.push(format!("{} could not be deleted", amount(n, "chat"))),
        Left::Unknown => notes.push(
            "chats may stay behind: the server did not answer in time when they were deleted"
                .to_owned(),
        ),
    }
    notes
}

/// That no handshake of a participant was answered, where several were waited for in vain and none was opened.
pub(crate) fn unanswered_handshakes(results: &[CheckResult], cli: &Cli) -> Option<String> {
    let mut in_vain = 0;
    for result in results {
        if result.clause == "WS-3" && result.outcome == Outcome::Pass {
            return None;
        }
        let story = &result.transcript;
        for (n, entry) in story.iter().enumerate() {
            let asks = matches!(&entry.event, Event::Request { session: true, .. });
            if !asks || !entry.event.is_handshake() {
                continue;
            }
            let mut rest = story[n + 1..].iter();
            match rest
                .find(|next| next.who == entry.who)
                .map(|next| &next.event)
            {
                Some(Event::NoAnswer { error }) if error.contains("within") => in_vain += 1,
                Some(Event::Answer { status: 101, .. }) => return None,
                _ => {}
            }
        }
    }
    let patience = cli.access.timeout.unwrap_or(HANDSHAKE);
    (in_vain >= IN_VAIN).then(|| {
        format!("no WebSocket handshake of a participant was answered within {patience:?}")
    })
}

/// What is to be said of processes that nothing joins.
pub fn unjoined(cli: &Cli) -> Option<String> {
    let command = cli.launch.as_ref()?;
    let joined = command.words.iter().any(|word| word.contains("{redis}"));
    (cli.processes > 1 && !joined).then(|| {
        format!(
            "--processes {}: the command names no {{redis}}, so none was started; how the processes hear of each \
             other is theirs to know",
            cli.processes
        )
    })
}

/// How long the client waits for the answer to a handshake, unless told.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// How many handshakes without an answer are no accident.
const IN_VAIN: usize = 3;
/// How long deleting may take, at any pace.
const TIDYING: Duration = Duration::from_secs(30);
