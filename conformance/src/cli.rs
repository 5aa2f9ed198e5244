//! The command line: its doc comments are the help.

mod diff;
mod values;

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use anyhow::bail;
use chat_fixtures::{contract::Level, userinfo};
use clap::{
    ColorChoice, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use http::{HeaderName, HeaderValue};

pub use self::{
    diff::{Diff, Origin},
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

    /// Send this header with every request and handshake; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = values::header, help_heading = WAY)]
    pub headers: Vec<(HeaderName, HeaderValue)>,

    /// Trust these certificate authorities (PEM) and no others
    #[arg(long, value_name = "FILE", help_heading = WAY)]
    pub cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(long, conflicts_with = "cacert", help_heading = WAY)]
    pub insecure: bool,

    /// Send everything through this HTTP proxy; those named in the environment are not used
    ///
    /// https:// URLs are tunnelled. For http:// ones the proxy has to pass WebSocket upgrades on.
    #[arg(long, value_name = "URL", value_parser = values::proxy, help_heading = WAY)]
    pub proxy: Option<String>,

    /// At most this many requests and handshakes a second
    #[arg(long, value_name = "N", value_parser = values::rate, help_heading = WAY)]
    pub rate: Option<NonZeroU32>,

    /// How many checks run at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = values::at_least_one, help_heading = WAY)]
    pub jobs: usize,

    /// How long an answer may take [default: 10s to find out whom it asks, then 30s, handshakes 15s]
    #[arg(long, value_name = "DURATION", value_parser = values::positive_duration, help_heading = WAY)]
    pub timeout: Option<Duration>,

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

    /// Where all randomness comes from [default: another one each time]
    #[arg(long, value_name = "N", help_heading = WHAT)]
    pub seed: Option<u64>,

    /// How many cases a generated check makes
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = values::cases, help_heading = WHAT)]
    pub cases: u32,

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

    /// Write a report: terminal, junit, json, html, tap or github; to stdout without a path; repeatable
    ///
    /// A file is replaced when the run is over, all at once. The report for the terminal is written to stdout
    /// unless another one is.
    #[arg(long = "report", value_name = "FORMAT[=PATH]", help_heading = TOLD)]
    pub reports: Vec<ReportTo>,

    /// Say nothing but errors: no progress, no report that was not asked for
    #[arg(short, long, help_heading = TOLD)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = TOLD)]
    pub color: ColorChoice,
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
        let mut words = vec![NAME.to_owned()];
        words.extend(self.urls.iter().map(|url| userinfo::hidden(url)));
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                words.push(name.to_owned());
                words.push(value);
            }
        };
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let launch = self.launch.as_ref().map(ToString::to_string);
        option("--launch", launch.map(|line| userinfo::hidden(&line)));
        option(
            "--processes",
            (self.processes > 1).then(|| self.processes.to_string()),
        );
        let python = (self.python != "python3").then(|| self.python.clone());
        option("--python", python);
        let processes = self.behind_balancer.map(|n| n.to_string());
        option("--behind-balancer", processes);
        option("--accounts", path(&self.accounts));
        for (name, _) in &self.headers {
            option("--header", Some(format!("{name}: …")));
        }
        option("--cacert", path(&self.cacert));
        option("--proxy", self.proxy.as_deref().map(userinfo::hidden));
        option("--rate", self.rate.map(|rate| rate.to_string()));
        let timeout = self
            .timeout
            .map(|time| humantime::format_duration(time).to_string());
        option("--timeout", timeout.map(|time| time.replace(' ', "")));
        option(
            "--cases",
            (self.cases != 100).then(|| self.cases.to_string()),
        );
        option("--test-page", self.test_page.clone());
        match &self.plan {
            Some(_) => option("--plan", path(&self.plan)),
            None => option("--only", Some(check.to_owned())),
        }
        option("--seed", Some(seed.to_string()));
        if self.insecure {
            words.push("--insecure".to_owned());
        }
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
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
  chat-conformance --launch 'chat-reference-server -p {port} --redis {redis} --database {database}' --processes 2
  chat-conformance https://staging.example --level hardened --report junit=out.xml --report html=out.html
  chat-conformance https://chat.example --behind-balancer 4 --wait 60s
  chat-conformance --list

Exit codes:
  0  it conforms
  1  it does not: something up to the level is broken, or the list of deviations is stale
  2  the suite could not run, or nothing ran
  3  incomplete: something up to the level, or required, could not be checked";
