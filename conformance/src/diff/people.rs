//! The people of generated stories, with accounts and sessions on both servers.

use anyhow::bail;
use chat_fixtures::replay::{Case, Exchange, Twins};

use super::step::{asked, logs_in, registers};

/// Registers and logs in everybody who plays, on both.
///
/// # Errors
/// When one of the servers does not let them: nothing can be asked then.
pub(super) async fn gather(mut twins: Twins) -> anyhow::Result<Twins> {
    for who in PEOPLE {
        for step in [registers(who), logs_in(who)] {
            let exchange = twins.ask(&step, None).await;
            has_worked(&step, &exchange)?;
        }
    }
    Ok(twins)
}

fn has_worked(step: &Case, exchange: &Exchange) -> anyhow::Result<()> {
    let answers = [
        ("original", &exchange.original),
        ("candidate", &exchange.candidate),
    ];
    for (name, answer) in answers {
        if !matches!(answer["status"].as_u64(), Some(200..300)) {
            bail!(
                "{} of people for generated questions is refused by the {name}: {answer}",
                asked(step)
            );
        }
    }
    Ok(())
}

/// Who plays: those of the suite's plans who come with an account.
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];
