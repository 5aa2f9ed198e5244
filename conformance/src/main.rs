//! The command line: errors and the exit code. The flow of a run is in the library.

use std::process::ExitCode;

use chat_conformance::{
    chaos, check::Outcome, checks, fleet::Recipe, matrix, report::Report, run::Run, runner,
    target::Target,
};

/// A subcommand by itself.
#[derive(Debug, clap::Parser)]
struct Subcommand<T: clap::Args> {
    #[command(flatten)]
    args: T,
}

fn parsed<T: clap::Args>() -> T {
    <Subcommand<T> as clap::Parser>::parse_from(std::env::args().skip(1)).args
}

fn ended(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::from(2)
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("chaos") => return ended(chaos::run(parsed()).await),
        Some("faults") => return ended(matrix::run(parsed()).await),
        _ => {}
    }
    let bases: Vec<String> = std::env::args().skip(1).collect();
    let recipe = std::env::var("LAUNCH").ok().map(|line| Recipe {
        command: line.split_whitespace().map(str::to_owned).collect(),
    });
    let only = std::env::var("ONLY").unwrap_or_default();
    let Ok(target) = Target::new(bases, 1, recipe) else {
        return ExitCode::from(2);
    };
    let run = Run::begin(target, 1, 100).await;
    let checks: Vec<_> = checks::all()
        .filter(|check| check.id().contains(&only))
        .collect();
    let mut results = runner::run(&run, &checks, 8, &|_| {}).await;
    for result in &mut results {
        result.fails = result.outcome == Outcome::Violation;
        eprintln!(
            "{:14} {} {} ms {}",
            result.outcome,
            result.check,
            result.took,
            result.reason.as_deref().unwrap_or("")
        );
        if std::env::var("TRANSCRIPT").is_ok() {
            for entry in &result.transcript {
                eprintln!("    {}", serde_json::to_string(entry).unwrap_or_default());
            }
        }
    }
    let left = run.tidies_up().await;
    eprintln!("{left} chats left behind");
    ExitCode::from(Report::exit_code_of(&results))
}
