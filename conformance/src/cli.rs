//! The command line: its doc comments are the help.

mod access;
mod again;
mod chance;
mod diff;
mod told;
pub(crate) mod values;

use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use chat_fixtures::{contract::Level, userinfo};
use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

use self::again::Again;
pub use self::{
    access::Access,
    chance::Chance,
    diff::{Diff, Origin},
    told::Told,
    values::{CommandLine, ReportTo},
};
use crate::{chaos::Chaos, matrix::Matrix};

/// Asks a chat server, black box, whether it keeps the contract of the Django original.
///
/// Give the base URLs of one deployment (one for each of its processes), or --launch a command and let the
/// suite start and stop it. It registers a few people, plays its checks with them, removes the chats it made,
/// and says which clauses of the contract are broken, and how that was seen.
#[derive(Debug, Clone, Parser)]
#[command(name = NAME, version, max_term_width = 100, after_help = EXIT_CODES, after_long_help = EXAMPLES)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Something else than a run.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Base URLs of the deployment, one a process (or its balancer's); a path before /api/ is kept
    #[arg(value_name = "URL", value_parser = values::base_url, required_unless_present_any = ["launch", "list"])]
    pub urls: Vec<String>,

    /// Start the server with this command line
    ///
    /// The suite starts a Redis and the processes, asks them, and stops them. These are filled in: {port} a
    /// free port, {redis} the URL of the Redis, {database} the path of a file that does not exist yet and is
    /// the same for all processes, {postgres} the URL of a new database of a Postgres that the suite starts too,
    /// {python} what --python says. Ready is what prints "listening on
    /// http://…" or answers on the port. Words may be quoted as in a shell. Together with URLs the command is
    /// used only by the checks that stop and kill processes.
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, help_heading = WHOM)]
    pub launch: Option<CommandLine>,

    /// How many processes to launch
    #[arg(long, value_name = "N", requires = "launch", default_value_t = 1, value_parser = values::at_least_one, help_heading = WHOM)]
    pub processes: usize,

    /// What {python} stands for in --launch
    #[arg(long, value_name = "PATH", default_value = "python3", help_heading = WHOM)]
    pub python: String,

    /// One URL stands for this many processes behind a balancer
    #[arg(long, value_name = "N", conflicts_with = "launch", value_parser = values::at_least_one, help_heading = WHOM)]
    pub behind_balancer: Option<usize>,

    /// Keep trying until the deployment answers, at most this long: 30s, 2m
    ///
    /// What --launch starts is waited for in any case, a minute unless this says otherwise.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, help_heading = WHOM)]
    pub wait: Option<Duration>,

    /// Accounts to use where registration is closed: a file of lines username:password
    ///
    /// What needs somebody new is not applicable then. Four accounts play every story, and of more the first
    /// six take part.
    #[arg(long, value_name = "FILE", help_heading = WHOM)]
    pub accounts: Option<PathBuf>,

    /// How to get there.
    #[command(flatten)]
    pub access: Access,

    /// How many checks run at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = values::at_least_one, help_heading = WAY)]
    pub jobs: usize,

    /// The level up to which a violation fails the run; those above are told all the same
    #[arg(long, value_name = "LEVEL", default_value = "parity", value_parser = values::level, help_heading = WHAT)]
    pub level: Level,

    /// Run only these: a clause, a check or a pattern with *; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = WHAT)]
    pub only: Vec<String>,

    /// Leave these out: a clause, a check or a pattern with *; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = WHAT)]
    pub skip: Vec<String>,

    /// This clause has to hold, whatever its level, and has to be testable here; repeatable
    #[arg(long, value_name = "CLAUSE", help_heading = WHAT)]
    pub require: Vec<String>,

    /// Run the checks that wait up to a minute too, as --level hardened does, and --only those it names
    #[arg(long, help_heading = WHAT)]
    pub waiting: bool,

    /// Known deviations: django-channels-4.3, mixed-django-channels-4.3, or a TOML file
    ///
    /// A violation listed there does not fail the run. One that is listed as always there and is not does:
    /// the list is stale. The mixed list is for a fleet of which some processes are Django's: it says what may show.
    #[arg(long, value_name = "NAME|FILE", help_heading = WHAT)]
    pub deviations: Option<String>,

    /// What is drawn.
    #[command(flatten)]
    pub chance: Chance,

    /// Play this plan and nothing else: what people do, as a check of sequences has kept it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["only", "skip", "require", "list"], help_heading = WHAT)]
    pub plan: Option<PathBuf>,

    /// Keep the plans of sequences that go wrong in this folder, a file each, for --plan
    #[arg(long, value_name = "DIR", help_heading = TOLD)]
    pub plans: Option<PathBuf>,

    /// The path of the page to try the chat on, when it is neither /websocket_test.html nor /
    #[arg(long, value_name = "PATH", value_parser = values::path, help_heading = WHOM)]
    pub test_page: Option<String>,

    /// List every clause with its checks and their level, and ask nobody
    #[arg(long, help_heading = WHAT)]
    pub list: bool,

    /// What is said about it.
    #[command(flatten)]
    pub told: Told,
}

/// Two servers compared, and the proof that the suite itself is right.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Ask two servers the same, and tell where they disagree
    Diff(Diff),
    /// Put a proxy in front of a server that breaks one promise of the contract
    Chaos(Chaos),
    /// Break each promise in turn, and show which checks turn red
    Faults(Matrix),
}

impl Cli {
    /// The command line of this program. What cannot be meant ends it with exit code 2 and a sentence, in which
    /// no secret of the command line stands.
    pub fn of_this_program() -> Self {
        Self::try_parse().unwrap_or_else(|mut error| {
            let option = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::String(option)) => option.clone(),
                _ => String::new(),
            };
            if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
                let shown = match option.starts_with("--header") {
                    true => "…".to_owned(),
                    false => userinfo::hidden(value),
                };
                error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
            }
            error.exit()
        })
    }

    /// What is wrong with the URLs, seen together: that two are one process, or stand for several besides.
    ///
    /// # Errors
    /// A sentence.
    pub fn sorts_out_urls(&self) -> anyhow::Result<()> {
        for (n, url) in self.urls.iter().enumerate() {
            if self.urls[..n].contains(url) {
                bail!("{url} is given twice: a URL for each process, and one process is enough");
            }
        }
        if let (Some(n), 2..) = (self.behind_balancer, self.urls.len()) {
            bail!(
                "--behind-balancer {n} is for one URL that stands for several processes, and there are {} URLs",
                self.urls.len()
            );
        }
        Ok(())
    }

    /// The command line that asks the same deployment about one check, with the same seed. What may be
    /// secret (the values of headers, a proxy's password) is left out.
    pub fn again(&self, check: &str, seed: u64) -> String {
        let mut line = Again::of(&[NAME]);
        for url in &self.urls {
            line.word(userinfo::hidden(url));
        }
        let launch = self.launch.as_ref().map(ToString::to_string);
        line.option("--launch", launch.map(|line| userinfo::hidden(&line)));
        let processes = (self.processes > 1).then(|| self.processes.to_string());
        line.option("--processes", processes);
        let python = (self.python != "python3").then(|| self.python.clone());
        line.option("--python", python);
        let processes = self.behind_balancer.map(|n| n.to_string());
        line.option("--behind-balancer", processes);
        line.path("--accounts", self.accounts.as_deref());
        self.access.again(&mut line);
        self.chance.again(&mut line);
        line.option("--test-page", self.test_page.clone());
        match &self.plan {
            Some(plan) => line.path("--plan", Some(plan)),
            None => line.option("--only", Some(check.to_owned())),
        }
        line.option("--seed", Some(seed.to_string()));
        line.line()
    }
}

const NAME: &str = "chat-conformance";
const WHOM: &str = "Whom it asks";
const WAY: &str = "The way there";
const WHAT: &str = "What is checked";
const TOLD: &str = "What is told";
const EXIT_CODES: &str = "\
Exit codes: 0 it conforms, 1 it does not, 2 the suite could not run or nothing ran,
3 incomplete: something that had to be checked could not be.";
const EXAMPLES: &str = "\
Examples:
  chat-conformance http://127.0.0.1:8000
  chat-conformance http://10.0.0.1:8000 http://10.0.0.2:8000
  chat-conformance --processes 2 \\
      --launch 'chat-reference-server -p {port} --redis {redis} --database {database}'
  chat-conformance https://staging.example --level hardened \\
      --report junit=out.xml --report html=out.html
  chat-conformance https://chat.example --behind-balancer 4 --wait 60s
  chat-conformance --list

Exit codes:
  0  it conforms
  1  it does not: something up to the level is broken, or the list of deviations is stale
  2  the suite could not run, or nothing ran
  3  incomplete: something up to the level, or required, could not be checked";
