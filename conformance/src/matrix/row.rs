//! What came of one fault, and how it is told.

use std::time::Duration;

use crate::faults::Entry;

/// What came of one fault.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) fault: &'static Entry,
    /// The checks that turned red, and why.
    pub(super) reds: Vec<(String, String)>,
    /// These should have noticed, and what they say instead.
    pub(super) missed: Vec<(String, String)>,
    /// These have nothing to do with it, and are red.
    pub(super) blamed: Vec<String>,
    /// These should have noticed, and are red (or cannot tell) without the fault too.
    pub(super) unclear: Vec<String>,
    pub(super) took: Duration,
}

impl Row {
    /// By all that must, and by nobody who must not.
    pub(super) fn is_caught(&self) -> bool {
        self.missed.is_empty() && self.blamed.is_empty() && self.unclear.is_empty()
    }

    /// Its line in the table.
    pub(super) fn printed(&self, why: bool) -> String {
        let verdict = match (&*self.missed, &*self.blamed) {
            ([], []) if self.is_caught() => "caught",
            ([], []) => "UNCLEAR",
            ([], _) => "BLAMED",
            _ => "MISSED",
        };
        let name = &self.fault.name;
        let reds = self.reds.len();
        let mut text = format!("{verdict:8} {name:50} {reds:3} red  {:4.1?}", self.took);
        if why {
            for (id, reason) in &self.reds {
                let reason: String = reason.chars().take(SHOWN).collect();
                text.push_str(&format!("\n      {id}: {reason}"));
            }
        }
        text
    }

    /// What is wrong with it, for who has to repair it.
    pub(super) fn problem(&self) -> String {
        let mut text = format!("{}: {}", self.fault.name, self.fault.breaks);
        for (must, said) in &self.missed {
            let said: String = said.chars().take(SHOWN).collect();
            text.push_str(&format!("\n  missed by {must}: {said}"));
        }
        for must in &self.unclear {
            text.push_str(&format!(
                "\n  unclear, for it does not pass without the fault: {must}"
            ));
        }
        for (id, reason) in self.reds.iter().filter(|(id, _)| self.blamed.contains(id)) {
            let reason: String = reason.chars().take(SHOWN).collect();
            text.push_str(&format!("\n  blamed on {id}: {reason}"));
        }
        text
    }
}

/// How much of a reason is shown, in characters.
const SHOWN: usize = 300;
