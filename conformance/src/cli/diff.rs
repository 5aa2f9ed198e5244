//! `chat-conformance diff`: what its command line says.

use anyhow::bail;
use chat_fixtures::userinfo;
use clap::Args;

use super::{
    Access, Chance, NAME, Told, WHAT, WHOM,
    again::Again,
    values::{self, CommandLine},
};

/// Asks two servers the same, and tells to the least difference where they disagree.
///
/// First what the Django original was asked when its answers were recorded, then questions and sequences drawn at
/// random. Answers are compared in meaning: ids, times, tokens and names by the role they play. Each difference is
/// made as small as it goes, and differences with one cause are told once. It registers a few people on both, and
/// removes the chats it made.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES, after_long_help = EXAMPLES)]
pub struct Diff {
    /// Base URLs of the original and of the candidate, in this order, as far as they are not launched
    #[arg(value_name = "URL", value_parser = values::base_url, num_args = 0..=2, help_heading = WHOM)]
    pub urls: Vec<String>,

    /// Start the original with this command line, as --launch of a run does: {port}, {redis}, {database}
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, help_heading = WHOM)]
    pub launch_original: Option<CommandLine>,

    /// Start the candidate with this command line
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, help_heading = WHOM)]
    pub launch_candidate: Option<CommandLine>,

    /// How to get to both; what is launched stands on this machine, where neither proxy nor rate are for it.
    #[command(flatten)]
    pub access: Access,

    /// Ask only these: a question by the name after "shown by" in the report, a clause, or a pattern with *; repeatable
    ///
    /// A clause is short for the questions that are asked for its sake: those drawn at random for it, and those recorded
    /// where it is a hardened one. All other recorded questions go by their names: recorded/…
    #[arg(long, value_name = "PATTERN", help_heading = WHAT)]
    pub only: Vec<String>,

    /// Differences that are allowed: hardened, or a TOML file; repeatable
    ///
    /// hardened is what the contract's hardened clauses ask for. A file has tables named difference with
    /// difference (as the report names it, or the question, or a pattern with *), reason, and perhaps clause.
    /// One that does not show any more fails the comparison: the list is stale.
    #[arg(long, value_name = "NAME|FILE", help_heading = WHAT)]
    pub allow: Vec<String>,

    /// What is drawn.
    #[command(flatten)]
    pub chance: Chance,

    /// What is said about it.
    #[command(flatten)]
    pub told: Told,
}

/// Where a server comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It runs there.
    Url(String),
    /// It is started so.
    Launch(CommandLine),
}

impl Diff {
    /// The original and the candidate.
    ///
    /// # Errors
    /// A sentence, when there are not two, or one is given twice.
    pub fn sides(&self) -> anyhow::Result<[Origin; 2]> {
        let mut urls = self.urls.iter().cloned().map(Origin::Url);
        let mut side = |launch: &Option<CommandLine>| match launch {
            Some(command) => Some(Origin::Launch(command.clone())),
            None => urls.next(),
        };
        let (original, candidate) = (side(&self.launch_original), side(&self.launch_candidate));
        let (Some(original), Some(candidate), None) = (original, candidate, urls.next()) else {
            bail!(
                "two servers are compared: the URLs of the original and of the candidate, or \
                 --launch-original and --launch-candidate in their places"
            );
        };
        if let (Origin::Url(url), true) = (&original, original == candidate) {
            bail!("{url} is given twice: it would be compared with itself");
        }
        Ok([original, candidate])
    }

    /// The command line that asks both one question again, with the same seed.
    pub fn again(&self, question: &str, seed: u64) -> String {
        let mut line = Again::of(&[NAME, "diff"]);
        for url in &self.urls {
            line.word(userinfo::hidden(url));
        }
        let launch = |launch: &Option<CommandLine>| {
            let launch = launch.as_ref().map(ToString::to_string);
            launch.map(|line| userinfo::hidden(&line))
        };
        line.option("--launch-original", launch(&self.launch_original));
        line.option("--launch-candidate", launch(&self.launch_candidate));
        self.access.again(&mut line);
        for list in &self.allow {
            line.option("--allow", Some(list.clone()));
        }
        self.chance.again(&mut line);
        line.option("--only", Some(question.to_owned()));
        line.option("--seed", Some(seed.to_string()));
        line.line()
    }
}

const EXIT_CODES: &str = "\
Exit codes: 0 no difference beyond those allowed, 1 differences or a stale list, 2 it could not run,
3 incomplete: something could not be asked, or it was interrupted.";
const EXAMPLES: &str = "\
Examples:
  chat-conformance diff http://original:8000 http://candidate:8000
  chat-conformance diff http://original:8000 \\
      --launch-candidate './my-server --port {port} --db {database}'
  chat-conformance diff http://original:8000 http://candidate:8000 --allow hardened --allow mine.toml \\
      --report html=diff.html --report json=diff.json
  chat-conformance diff http://original:8000 http://candidate:8000 --only 'recorded/*'

Where servers run already, people of the recording get names of their own; a database that is otherwise empty is \
asked more exactly, for there the names are those recorded.

Exit codes:
  0  no difference beyond those allowed
  1  differences, or an allowed one that does not show any more
  2  it could not run, or nothing was asked
  3  incomplete: something could not be asked, or it was interrupted";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn diff(words: &[&str]) -> Diff {
        let line = ["chat-conformance", "diff"].iter().chain(words);
        match Cli::try_parse_from(line).unwrap().command {
            Some(Command::Diff(diff)) => diff,
            _ => unreachable!("the command is diff"),
        }
    }

    fn url(text: &str) -> Origin {
        Origin::Url(text.to_owned())
    }

    #[test]
    fn urls_take_the_places_that_are_not_launched() {
        let [original, candidate] = diff(&["http://a", "http://b"]).sides().unwrap();
        assert_eq!((original, candidate), (url("http://a"), url("http://b")));
        let [original, candidate] = diff(&["http://b", "--launch-original", "x {port}"])
            .sides()
            .unwrap();
        assert!(matches!(original, Origin::Launch(_)));
        assert_eq!(candidate, url("http://b"));
    }

    #[test]
    fn two_servers_are_compared() {
        for words in [
            &["http://a"][..],
            &["http://a", "http://a/"],
            &["http://a", "http://b", "--launch-original", "x"],
            &[],
        ] {
            assert!(diff(words).sides().is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_question_is_asked_again_with_its_seed() {
        let again = diff(&["http://a", "http://b", "--allow", "hardened"]).again("recorded/a b", 7);
        assert_eq!(
            again,
            "chat-conformance diff http://a http://b --allow hardened --only 'recorded/a b' --seed 7"
        );
    }
}
