//! Why there are no people for a run, each a sentence that says what would help.

use std::{io, path::PathBuf};

use chat_fixtures::client::ClientError;

use super::file::MOST;

/// Why there are no people for a run.
#[derive(Debug, thiserror::Error)]
pub enum NoPeople {
    /// A file cannot be read or written.
    #[error("cannot {what} {}: {reason}", path.display())]
    File {
        /// `read`, `write` or `lock`.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A folder, a device or a pipe.
    #[error("{} is no regular file: --accounts takes one, or a name where there is none yet", .0.display())]
    NoFile(PathBuf),
    /// More than any people.
    #[error("{} has {} MiB: --accounts takes a file of {} MiB at most", .0.display(), .1 >> 20, MOST >> 20)]
    TooLarge(PathBuf, u64),
    /// Another run has the file.
    #[error("another run uses {}: wait for its end, or give this one a file of its own", .0.display())]
    InUse(PathBuf),
    /// The file is none of ours, or not whole.
    #[error("{} {reason}; it is left as it is: mend it, or move it away to begin anew", path.display())]
    Corrupt {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The people in the file are those of other base URLs.
    #[error(
        "the accounts in {} are those of {known}, not of {asked}: name another file for this deployment, \
         or delete this one if there is no such deployment any more", path.display()
    )]
    OtherDeployment {
        /// The file.
        path: PathBuf,
        /// The base URLs they were made for.
        known: String,
        /// Those of this run.
        asked: String,
    },
    /// Fewer were given than are needed.
    #[error("the run needs {needed} accounts, and {} has {given}", path.display())]
    TooFew {
        /// How many the run needs.
        needed: usize,
        /// How many there are.
        given: usize,
        /// In which file.
        path: PathBuf,
    },
    /// There is no way to ask the deployment.
    #[error("cannot ask {base}: {reason}")]
    NoWay {
        /// Where.
        base: String,
        /// Why.
        reason: ClientError,
    },
    /// The deployment said no.
    #[error("{username} cannot {what} at {base}: answered {status} {body}{hint}")]
    Refused {
        /// Who.
        username: String,
        /// `register`, `log in`, `use a kept session`.
        what: &'static str,
        /// Where.
        base: String,
        /// The status.
        status: u16,
        /// The body, shortened, without secrets.
        body: String,
        /// What may help.
        hint: &'static str,
    },
    /// There is no answer.
    #[error("{username} cannot {what} at {base}: {reason}")]
    NoAnswer {
        /// Who.
        username: String,
        /// `register`, `log in`, `use a kept session`.
        what: &'static str,
        /// Where.
        base: String,
        /// Why.
        reason: ClientError,
    },
}
