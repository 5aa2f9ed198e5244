//! Reading a limit; what cannot be meant is answered with its place and with what could.

use thiserror::Error;

use super::{Comparison, Statistic, Subject, Threshold, Timed, Unit, counted};
use crate::{metric::Metric, threshold::counted::Counted};

/// Why a text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?}: {what}")]
pub struct ThresholdError {
    text: String,
    what: String,
}

pub(super) fn one(text: &str) -> Result<Threshold, ThresholdError> {
    let text = text.trim();
    parsed(text).map_err(|what| ThresholdError {
        text: text.to_owned(),
        what,
    })
}

fn parsed(text: &str) -> Result<Threshold, String> {
    if text.is_empty() {
        return Err(format!("a limit is missing here; as in {EXAMPLES}"));
    }
    let (left, comparison, right) = split(text)?;
    let subject = subject(left.trim())?;
    let (written, unit) = limit(right.trim(), &subject)?;
    Ok(Threshold {
        limit: written * unit.size(),
        subject,
        comparison,
        written,
        unit,
    })
}

fn split(text: &str) -> Result<(&str, Comparison, &str), String> {
    let at = text
        .find(['<', '>', '=', '!'])
        .ok_or_else(|| format!("there is no <, <=, >, >= or == in it; as in {EXAMPLES}"))?;
    let (left, rest) = text.split_at(at);
    let found = Comparison::ALL
        .into_iter()
        .find_map(|comparison| Some((comparison, rest.strip_prefix(comparison.sign())?)));
    let Some((comparison, right)) = found else {
        let sign: String = rest.chars().take_while(|c| "<>=!".contains(*c)).collect();
        return Err(format!(
            "{sign:?} is no comparison; there are <, <=, >, >= and =="
        ));
    };
    if left.trim().is_empty() {
        let sign = comparison.sign();
        return Err(format!(
            "before the {sign} has to stand what is limited; as in {EXAMPLES}"
        ));
    }
    Ok((left, comparison, right))
}

fn subject(text: &str) -> Result<Subject, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(name) = text.strip_suffix(" per second") {
        return Ok(Subject::PerSecond(counted(name, "per second")?));
    }
    if let Some(name) = text.strip_suffix(" ratio") {
        let counted = counted(name, "ratio")?;
        return match counted.of {
            Some(_) => Ok(Subject::Ratio(counted)),
            None => Err(format!(
                "there is no whole that {name} were a ratio of; a count or `per second` is possible"
            )),
        };
    }
    if let Some(counted) = Counted::named(&text) {
        return Ok(Subject::Count(counted));
    }
    if let Some(timed) = timed(&text) {
        return Err(format!(
            "after {timed} has to stand one of {}; as in '{timed} p99 < 250ms'",
            statistics()
        ));
    }
    let Some((name, statistic)) = text.rsplit_once(' ') else {
        return Err(unknown(&text));
    };
    let timed = match timed(name) {
        Some(timed) => timed,
        None if Counted::named(name).is_some() => {
            return Err(format!(
                "{name} is a count: after it stands nothing, `ratio` or `per second`, not {statistic:?}"
            ));
        }
        None => return Err(unknown(name)),
    };
    Statistic::ALL
        .into_iter()
        .find(|known| known.name() == statistic)
        .map(|statistic| Subject::Times(timed, statistic))
        .ok_or_else(|| {
            format!(
                "there is no statistic {statistic:?}; there are {}",
                statistics()
            )
        })
}

fn timed(name: &str) -> Option<Timed> {
    if name == DELIVERY {
        return Some(Timed::Delivery);
    }
    if let Some(metric) = Metric::ALL.into_iter().find(|metric| metric.name() == name) {
        return Some(Timed::Metric(metric));
    }
    let (method, path) = name.split_once(' ')?;
    (METHODS.contains(&method) && path.starts_with('/') && !path.contains(' '))
        .then(|| Timed::Request(name.to_owned()))
}

fn counted(name: &str, of: &str) -> Result<&'static Counted, String> {
    Counted::named(name).ok_or_else(|| match timed(name) {
        Some(_) => format!("{name} are times: they have {}, no {of}", statistics()),
        None => unknown(name),
    })
}

fn limit(text: &str, subject: &Subject) -> Result<(f64, Unit), String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let value = number
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(|| format!("{text:?} does not begin with a number; as in {EXAMPLES}"))?;
    let unit = unit.trim();
    let units: &[Unit] = match subject {
        Subject::Times(..) => &Unit::TIMES,
        Subject::Ratio(_) => &[Unit::Percent, Unit::None],
        Subject::Count(_) | Subject::PerSecond(_) => &[Unit::None],
    };
    match units.iter().find(|known| known.name() == unit) {
        Some(unit) => Ok((value, *unit)),
        None => Err(match subject {
            Subject::Times(..) => {
                format!("{text:?} has to be a time, in us, ms or s, as {number}ms")
            }
            Subject::Ratio(_) => format!("{text:?} has to be a part, as 0.01% or 0.0001"),
            Subject::Count(counted) if unit == "%" && counted.of.is_some() => {
                format!(
                    "{text:?} is a part: '{} ratio' is what is limited by it",
                    counted.name
                )
            }
            Subject::Count(_) | Subject::PerSecond(_) => {
                format!("{text:?} has to be a number without a unit")
            }
        }),
    }
}

fn unknown(name: &str) -> String {
    let alike = names()
        .map(|known| (strsim::jaro_winkler(&name.to_lowercase(), known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= ALIKE);
    match alike {
        Some((_, known)) => format!("nothing is called {name:?}; perhaps {known} is meant"),
        None => format!(
            "nothing is called {name:?}; there are {}, and requests as 'POST /api/login/'",
            names().collect::<Vec<_>>().join(", ")
        ),
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    [DELIVERY]
        .into_iter()
        .chain(Metric::ALL.iter().map(|metric| metric.name()))
        .chain(counted::COUNTED.iter().map(|row| row.name))
}

fn statistics() -> String {
    Statistic::ALL.map(Statistic::name).join(", ")
}

const DELIVERY: &str = "delivery";
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const EXAMPLES: &str = "'delivery p99 < 250ms', 'lost == 0' or 'lost ratio < 0.01%'";
/// From which likeness on a name is taken for a misspelt other one.
const ALIKE: f64 = 0.82;

#[cfg(test)]
mod tests;
