//! The command line: errors and the exit code. The flow of a run is in the library.

use std::process::ExitCode;

use chat_conformance::{checks, report::Report, run::Run, runner, target::Target};

#[tokio::main]
async fn main() -> ExitCode {
    let bases: Vec<String> = std::env::args().skip(1).collect();
    let Ok(target) = Target::new(bases, 1, None) else {
        return ExitCode::from(2);
    };
    let run = Run::begin(target, 1, 100).await;
    let checks: Vec<_> = checks::all().collect();
    let mut results = runner::run(&run, &checks, 8, &|_| {}).await;
    for result in &mut results {
        result.fails = result.outcome == chat_conformance::check::Outcome::Violation;
        eprintln!(
            "{:14} {} {}",
            result.outcome,
            result.check,
            result.reason.as_deref().unwrap_or("")
        );
    }
    let left = run.tidies_up().await;
    eprintln!("{left} chats left behind");
    ExitCode::from(Report::exit_code_of(&results))
}
