//! The command line: errors and the exit code. The flow of a run is in the library.

use std::process::ExitCode;

use chat_conformance::{
    check::Outcome, checks, fleet::Recipe, report::Report, run::Run, runner, target::Target,
};

#[tokio::main]
async fn main() -> ExitCode {
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
