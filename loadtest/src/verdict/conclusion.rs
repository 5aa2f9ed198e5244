//! The verdict in a sentence or two, for people.

use super::{INVALID, MISSED, STOPPED, Verdict, WITHIN};

impl Verdict {
    /// The verdict in a sentence or two.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let limits = self.limits();
        let load = self.load();
        let all = match &load {
            Some(load) if self.asked().is_empty() => load.clone(),
            Some(load) => format!("{load}; {limits}"),
            None => limits.clone(),
        };
        let mut told = match self.exit_code {
            WITHIN if self.asked().is_empty() => {
                format!("Measured: the load was carried; {limits}.")
            }
            WITHIN => format!("Passed: {limits}, and the load was carried."),
            MISSED => format!("Failed: {all}."),
            STOPPED => {
                let so_far = self.stopped.as_deref().unwrap_or_default();
                format!("Stopped {so_far}: nothing is decided; so far, {all}.")
            }
            _ => format!(
                "Invalid: {}. So these are no figures of the server; as they are, {all}.",
                self.invalid.join("; ")
            ),
        };
        if !self.is_valid() && self.exit_code != INVALID {
            let reasons = self.invalid.join("; ");
            told += &format!(
                " The device was not fit either, so the times are none of the server's: {reasons}."
            );
        }
        if let Some(so_far) = &self.stopped
            && self.exit_code != STOPPED
        {
            told += &format!(" It was stopped {so_far}.");
        }
        told
    }

    /// Of each limit that was asked for, in our words or in Goose's, whether it is kept.
    fn asked(&self) -> Vec<bool> {
        let ours = self
            .thresholds
            .iter()
            .filter(|judged| judged.always.is_none())
            .map(|judged| judged.is_met);
        let gooses = self.goose.iter().map(|rule| rule.is_met);
        ours.chain(gooses).collect()
    }

    /// What of the load was not carried.
    fn load(&self) -> Option<String> {
        let missed: Vec<_> = self
            .missed()
            .filter_map(|judged| judged.always.as_deref())
            .collect();
        (!missed.is_empty()).then(|| format!("the load was not carried: {}", missed.join(", ")))
    }

    fn limits(&self) -> String {
        let asked = self.asked();
        let all = asked.len();
        let missed = asked.iter().filter(|is_met| !**is_met).count();
        match (missed, all) {
            (_, 0) => "no limits were set beside those that hold of every run".to_owned(),
            (0, 1) => "the limit that was set is kept".to_owned(),
            (0, _) => format!("all {all} limits that were set are kept"),
            (1, 1) => "the limit that was set is missed".to_owned(),
            (1, _) => format!("1 of {all} limits that were set is missed"),
            _ => format!("{missed} of {all} limits that were set are missed"),
        }
    }
}
