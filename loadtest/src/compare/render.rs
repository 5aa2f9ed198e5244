//! A comparison as text: the sum first, then figure by figure, then what to be careful about. `{:#}` is with colour.

use std::fmt;

use anstyle::{AnsiColor, Style};

use super::{Basis, Change, Comparison, Row, Unit, Verdict};
use crate::figure;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |verdict| {
            let names: Vec<_> = self.with(verdict).map(|row| row.figure.as_str()).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let (worse, better) = (names(Verdict::Worse), names(Verdict::Better));
        if let Some(worse) = &worse {
            painted(f, Verdict::Worse.style(), &format!("Worse: {worse}."))?;
            writeln!(f)?;
        }
        if let Some(better) = &better {
            painted(f, Verdict::Better.style(), &format!("Better: {better}."))?;
            writeln!(f)?;
        }
        if worse.is_none() && better.is_none() {
            writeln!(f, "Nothing changed beyond the noise.")?;
        }
        for warning in &self.warnings {
            writeln!(f, "Careful: {warning}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "{:<34}  {:>14}  {:>14}  {:>8}  {:>20}  verdict",
            "figure", "before", "after", "change", "interval"
        )?;
        for row in self.rows.iter().filter(|row| row.is_worth_a_line()) {
            fmt::Display::fmt(row, f)?;
            writeln!(f)?;
        }
        let noise = match self.basis {
            Basis::Runs => "how the runs of a side differ",
            Basis::Seconds => "how the seconds of a run differ",
        };
        write!(
            f,
            "\nA change counts when its interval excludes 0 and it is {} % or more. The intervals hold all together \
             with {} % confidence; the noise is {noise}.",
            percent(self.relevant),
            percent(self.confidence)
        )
    }
}

impl Row {
    /// What never happened on either side need not be told each time.
    fn is_worth_a_line(&self) -> bool {
        let happened = |share: Option<f64>| share.is_some_and(|share| share > 0.0);
        self.unit != Unit::Share || happened(self.before) || happened(self.after)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: Option<f64>| match (value, self.unit) {
            (None, _) => "-".to_owned(),
            (Some(micros), Unit::Micros) => format!("{:.3} ms", micros / 1000.0),
            (Some(rate), Unit::PerSecond) => format!("{rate:.0}/s"),
            (Some(share), Unit::Share) => figure::share(share),
        };
        let (by, interval) = self.change.map_or_else(Default::default, |change| {
            (change.estimate(), change.interval())
        });
        write!(
            f,
            "{:<34}  {:>14}  {:>14}  {by:>8}  {interval:>20}  ",
            self.figure,
            value(self.before),
            value(self.after),
        )?;
        painted(f, self.verdict.style(), self.verdict.word())?;
        match &self.because {
            Some(because) => write!(f, ": {because}"),
            None => Ok(()),
        }
    }
}

impl Change {
    fn estimate(&self) -> String {
        self.by.map_or_else(|| "new".to_owned(), signed)
    }

    fn interval(&self) -> String {
        let high = self.high.map_or_else(|| "any".to_owned(), signed);
        format!("{} … {high}", signed(self.low))
    }
}

impl Verdict {
    /// The word for a table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::Unjudged => "not judged",
        }
    }

    const fn style(self) -> Style {
        match self {
            Self::Worse => AnsiColor::Red.on_default(),
            Self::Better => AnsiColor::Green.on_default(),
            Self::Same | Self::Unjudged => Style::new(),
        }
    }
}

fn painted(f: &mut fmt::Formatter<'_>, style: Style, text: &str) -> fmt::Result {
    if f.alternate() {
        write!(f, "{style}{text}{style:#}")
    } else {
        f.write_str(text)
    }
}

fn signed(share: f64) -> String {
    // What rounds to nothing has no sign.
    let tenths = (share * 1000.0).round() / 10.0 + 0.0;
    if tenths.abs() < 1000.0 {
        format!("{tenths:+.1}%")
    } else {
        format!("×{:.0}", share + 1.0)
    }
}

fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}
