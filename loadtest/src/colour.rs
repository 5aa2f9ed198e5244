//! Whether what is written is coloured: as asked, or as those who read it can see.

use std::{env, io::IsTerminal};

use clap::ColorChoice;

/// Whether text for `place` is to be coloured.
#[must_use]
pub fn is_wanted(choice: ColorChoice, place: &impl IsTerminal) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let plain = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
                || env::var_os("TERM").is_some_and(|term| term == "dumb");
            place.is_terminal() && !plain
        }
    }
}
