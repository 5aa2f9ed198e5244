//! What a URL is, if it is no chat, in a sentence.

use std::{collections::BTreeSet, fmt, time::Duration};

use chat_fixtures::{answer::Answer, client::ClientError};

use super::PROBES;
use crate::target::Target;

/// What a URL is, if it is no chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Unresolved(String),
    Closed(String),
    Unreachable(Duration),
    OtherScheme(&'static str),
    Untrusted(String),
    Silent(Duration),
    Mute(String),
    Failing(u16),
    Otherwise(BTreeSet<String>),
}

impl What {
    pub(super) fn of(
        answers: &[Result<Answer, ClientError>],
        other: Option<&'static str>,
        patience: Duration,
    ) -> Self {
        if let Some(scheme) = other {
            return Self::OtherScheme(scheme);
        }
        let mut answered = BTreeSet::new();
        for ((method, path), answer) in PROBES.iter().zip(answers) {
            if let Ok(answer) = answer {
                answered.insert(format!("{method} {path} gets {}", answer.status));
            }
        }
        let statuses = || answers.iter().flatten().map(|answer| answer.status);
        if let Some(status) = statuses().next()
            && statuses().all(|status| status >= 500)
        {
            return Self::Failing(status);
        }
        if !answered.is_empty() {
            return Self::Otherwise(answered);
        }
        let broken = answers.iter().find_map(|answer| match answer {
            Err(ClientError::Broken { reason, .. }) => Some(reason.clone()),
            _ => None,
        });
        match broken {
            Some(reason) if reason.contains("certificate") => Self::Untrusted(last_cause(&reason)),
            Some(reason) => Self::Mute(last_cause(&reason)),
            None => Self::Silent(patience),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(reason) => write!(f, "the name does not resolve ({reason})"),
            Self::Closed(reason) => write!(f, "nothing listens there ({reason})"),
            Self::Unreachable(after) => write!(f, "no connection within {after:?}"),
            Self::OtherScheme(scheme) => {
                write!(f, "does not speak this scheme: try {scheme}://")
            }
            Self::Untrusted(reason) => write!(
                f,
                "its certificate is not trusted ({reason}): --cacert FILE or --insecure"
            ),
            Self::Silent(after) => {
                write!(
                    f,
                    "accepts connections, and answers nothing within {after:?}"
                )
            }
            Self::Mute(reason) => {
                write!(f, "accepts connections, and does not speak HTTP ({reason})")
            }
            Self::Failing(status) => write!(f, "answers {status} to everything"),
            Self::Otherwise(answers) => {
                let answers: Vec<_> = answers.iter().map(String::as_str).collect();
                write!(
                    f,
                    "answers HTTP, but is no chat server, or not at this path: {}",
                    answers.join(", ")
                )
            }
        }
    }
}

/// What else may be tried where it is no chat.
pub(super) fn advice(target: &Target, base: &str, what: &What) -> String {
    let own = !target.reach().authorities.is_empty();
    match (what, base.strip_suffix("/api")) {
        (What::Otherwise(_), Some(base)) => format!("; perhaps {base}, for /api/ is added to it"),
        (What::Untrusted(_), _) if own => {
            "; what --cacert names has to be the authority that signed it: a \
             server's own certificate is none"
                .to_owned()
        }
        _ => String::new(),
    }
}

fn last_cause(reason: &str) -> String {
    let causes: Vec<_> = reason.split(": ").collect();
    causes[causes.len().saturating_sub(2)..].join(": ")
}
