//! `chat-conformance diff`: two servers asked the same, and where they part, to the least question that shows it.
//!
//! Both are asked side by side what recordings hold (`recorded`), and what is drawn at random (`search`: single
//! questions of `kinds`, sequences of `plans`). What one answers is due from the other, compared as
//! [`chat_fixtures::replay`] compares a server with its recording. What is found goes by its cause into groups
//! (`finding`), unless a list allows it (`allow`); what nobody allows is made as small as it goes (`shrink`), and the
//! report tells the least story of each.

mod allow;
mod clauses;
mod finding;
mod findings;
mod kinds;
mod people;
mod plans;
mod play;
mod progress;
mod questions;
mod recorded;
mod report;
mod restage;
mod script;
mod search;
mod shape;
mod shrink;
mod side;
mod step;

use std::sync::{Mutex, PoisonError};

use chat_fixtures::{output::says, replay::Twins};
use futures_util::future::join_all;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::{
    allow::Allow,
    finding::{Findings, Group},
    findings::Found,
    play::Stage,
    progress::Line,
    questions::Questions,
    report::Report,
    shrink::Quiet,
    side::Side,
};
use crate::cli::{Access, Diff, Origin};

/// Does what the command line says: the exit code, 0, 1, 2 or 3.
///
/// When `stop` is cancelled it comes to an end with what there is; what it has made is removed all the same.
///
/// # Errors
/// When it could not run: the exit code is 2.
pub async fn run(args: &Diff, stop: &CancellationToken) -> anyhow::Result<u8> {
    let sides = args.sides()?;
    let questions = Questions::chosen(&args.only)?;
    let recordings: Vec<_> = questions
        .recorded
        .iter()
        .map(|one| &one.recording)
        .collect();
    let allow = Allow::named(&args.allow, &recordings)?;
    let outputs = args.told.outputs()?;
    let began = (OffsetDateTime::now_utc(), Instant::now());
    let (seed, cases) = (args.chance.seed(), args.chance.cases);

    let line = Line::new(questions.count(cases), args.told.quiet);
    let findings = Mutex::new(Findings::default());
    let found = Found {
        allow: &allow,
        line: &line,
        findings: &findings,
        stop,
    };
    let comparison = Comparison {
        questions: &questions,
        seed,
        cases,
    };
    let pair = tokio::select! {
        pair = begin(&sides, &args.access, &line) => pair?,
        () = stop.cancelled() => {
            line.ends();
            says("interrupted before the first question");
            return Ok(INCOMPLETE);
        }
    };
    let servers = pair.servers();
    line.says("");
    Box::pin(comparison.asks(&pair, &found)).await?;
    let mut groups = locked(&findings).grouped();
    line.says("each difference by itself");
    Box::pin(comparison.shrinks(&pair, &mut groups, stop)).await?;
    let cut_short = stop.is_cancelled();
    line.says("tidying up");
    pair.end().await;
    line.ends();

    let mut stale = Vec::new();
    if !cut_short {
        stale.extend(questions.recorded.iter().flat_map(|one| one.stale(&found)));
        if args.only.is_empty() {
            stale.extend(allow.unused());
        }
    }
    let findings = findings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let report = Report {
        began: to_the_second(began.0),
        took: began.1.elapsed().as_millis(),
        ..Report::of(args, servers, seed, &groups, &findings, stale, cut_short)
    };
    outputs.write_each(|format, coloured| report.render(format, coloured))?;
    Ok(report.exit_code)
}

/// Both servers.
#[derive(Debug)]
struct Pair {
    original: Side,
    candidate: Side,
    /// Tells the names of this comparison from those of others, where there may have been others.
    mark: String,
}

async fn begin(sides: &[Origin; 2], access: &Access, line: &Line) -> anyhow::Result<Pair> {
    line.says("starting or finding both servers");
    let [original, candidate] = sides;
    // One after the other: each is a lot of work for a small machine.
    Ok(Pair {
        original: Side::begin("original", original, access).await?,
        candidate: Side::begin("candidate", candidate, access).await?,
        mark: format!("-d{:06x}", rand::random::<u32>() & 0xff_ffff),
    })
}

impl Pair {
    fn bases(&self) -> [&str; 2] {
        [self.original.base(), self.candidate.base()]
    }

    fn servers(&self) -> [String; 2] {
        [self.original.shown(), self.candidate.shown()]
    }

    fn twins(&self, suffix: &str) -> Twins {
        Twins {
            original: self.original.player(suffix),
            candidate: self.candidate.player(suffix),
        }
    }

    /// What the names of a recording end with: nothing, where both servers know nobody yet.
    fn of_recordings(&self) -> &str {
        match self.original.is_new() && self.candidate.is_new() {
            true => "",
            false => &self.mark,
        }
    }

    async fn end(self) {
        tokio::join!(self.original.end(), self.candidate.end());
    }
}

/// The questions, and how many of them are drawn from what.
struct Comparison<'a> {
    questions: &'a Questions,
    seed: u64,
    cases: u32,
}

impl Comparison<'_> {
    /// Asks all questions, in lanes that know nothing of each other: each has people of its own.
    async fn asks(&self, pair: &Pair, found: &Found<'_>) -> anyhow::Result<()> {
        let recorded = self.questions.recorded.iter().map(|one| async move {
            if one.judged() > 0 {
                let twins = pair.twins(pair.of_recordings());
                one.asks(twins, pair.bases(), found).await.leave().await;
            }
        });
        let kinds = async {
            if self.questions.kinds.is_empty() {
                return Ok(());
            }
            let stage = self.stage(pair, "k").await?;
            for kind in &self.questions.kinds {
                search::asks(&stage, kind, self.seed, self.cases, found).await;
            }
            stage.ends().await;
            anyhow::Ok(())
        };
        let plans = async {
            if self.questions.plans.is_empty() {
                return Ok(());
            }
            let stage = self.stage(pair, "p").await?;
            for kind in &self.questions.plans {
                search::plays(&stage, kind, self.seed, self.cases, found).await;
            }
            stage.ends().await;
            anyhow::Ok(())
        };
        let recorded = async { anyhow::Ok(join_all(recorded).await) };
        tokio::try_join!(recorded, kinds, plans)?;
        Ok(())
    }

    /// Makes the stories smaller of what nobody allows, now that nothing else is asked.
    async fn shrinks(
        &self,
        pair: &Pair,
        groups: &mut [Group],
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let forbidden = || groups.iter().filter(|group| group.permit.is_none());
        if forbidden().next().is_none() || stop.is_cancelled() {
            return Ok(());
        }
        let suffix = format!("{}e", pair.mark);
        let empty = Stage::new(pair.twins(&suffix), &suffix);
        let peopled = self.stage(pair, "s").await?;
        let quiet = Quiet {
            peopled: &peopled,
            empty: &empty,
            stop,
        };
        let forbidden = groups.iter_mut().filter(|group| group.permit.is_none());
        quiet.shrinks(forbidden).await;
        tokio::join!(peopled.ends(), empty.ends());
        Ok(())
    }

    async fn stage(&self, pair: &Pair, lane: &str) -> anyhow::Result<Stage> {
        let suffix = format!("{}{lane}", pair.mark);
        let twins = people::gather(pair.twins(&suffix)).await?;
        Ok(Stage::new(twins, &suffix))
    }
}

fn locked(findings: &Mutex<Findings>) -> std::sync::MutexGuard<'_, Findings> {
    findings.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As precise as anybody wants to read it.
fn to_the_second(moment: OffsetDateTime) -> String {
    let moment = moment.replace_nanosecond(0).unwrap_or(moment);
    moment.format(&Rfc3339).unwrap_or_default()
}

const INCOMPLETE: u8 = 3;
