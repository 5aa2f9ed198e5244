//! What is drawn at random, and how much of it, as a command line says it.

use clap::Args;

use super::{WHAT, again::Again, values};

/// The seed and the number of cases.
#[derive(Debug, Clone, Args)]
pub struct Chance {
    /// Where all randomness comes from [default: another one each time]
    #[arg(long = "seed", value_name = "N", help_heading = WHAT)]
    given_seed: Option<u64>,

    /// How many cases a generated check makes, or a kind of generated question, more or less
    #[arg(long, value_name = "N", default_value_t = CASES, value_parser = values::cases, help_heading = WHAT)]
    pub cases: u32,
}

impl Chance {
    /// The seed, drawn where none is given: another one each time.
    pub fn seed(&self) -> u64 {
        self.given_seed
            .unwrap_or_else(|| rand::random::<u32>().into())
    }

    /// How many cases there are to be once more.
    pub(super) fn again(&self, line: &mut Again) {
        let cases = (self.cases != CASES).then(|| self.cases.to_string());
        line.option("--cases", cases);
    }
}

const CASES: u32 = 100;
