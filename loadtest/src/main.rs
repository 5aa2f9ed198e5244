//! The command line: errors, signals and the exit code.

fn main() {}
