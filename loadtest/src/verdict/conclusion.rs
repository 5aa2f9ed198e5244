//! The verdict in a sentence or two, for people.

use super::{INVALID, Judged, MISSED, STOPPED, Verdict, WITHIN};

impl Verdict {
    /// The verdict in a sentence or two.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let limits = self.limits();
        let load = self.load();
        let all = match &load {
            Some(load) if self.asked().count() == 0 => load.clone(),
            Some(load) => format!("{load}; {limits}"),
            None => limits.clone(),
        };
        let mut told = match self.exit_code {
            WITHIN if self.asked().count() == 0 => {
                format!("Measured: the load was carried; {limits}.")
            }
            WITHIN => format!("Passed: {limits}."),
            MISSED => format!("Failed: {all}."),
            STOPPED => {
                let so_far = self.stopped.as_deref().unwrap_or_default();
                return format!("Stopped {so_far}: nothing is decided; so far, {all}.");
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
        if let Some(so_far) = &self.stopped {
            told += &format!(" It was stopped {so_far}.");
        }
        told
    }

    /// The limits that were asked for.
    fn asked(&self) -> impl Iterator<Item = &Judged> {
        self.thresholds
            .iter()
            .filter(|judged| judged.always.is_none())
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
        let all = self.asked().count();
        let missed = self.asked().filter(|judged| !judged.is_met).count();
        match (missed, all) {
            (_, 0) => "no limits were set".to_owned(),
            (0, 1) => "the limit is kept".to_owned(),
            (0, _) => format!("all {all} limits are kept"),
            (1, 1) => "the limit is missed".to_owned(),
            (1, _) => format!("1 of {all} limits is missed"),
            _ => format!("{missed} of {all} limits are missed"),
        }
    }
}
