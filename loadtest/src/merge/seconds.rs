//! The seconds of several machines, put beside each other by the clock on the wall.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::MergeError;
use crate::measurement::{Measurement, Second};

/// When the whole run was, and what came in each of its seconds.
pub(super) struct Times {
    pub(super) began: String,
    pub(super) measured_s: f64,
    pub(super) seconds: Vec<Second>,
    pub(super) remarks: Vec<String>,
}

/// Puts the seconds of all parts beside each other, to the nearest whole second.
pub(super) fn aligned(parts: &[(String, Measurement)]) -> Result<Times, MergeError> {
    let mut begins = Vec::new();
    for (name, part) in parts {
        let began =
            OffsetDateTime::parse(&part.began, &Rfc3339).map_err(|_| MergeError::Began {
                name: name.clone(),
                began: part.began.clone(),
            })?;
        begins.push((began, name, part));
    }
    // The name decides between two that began in the same instant, so that nothing depends on the order.
    begins.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let Some(&(start, first, earliest)) = begins.first() else {
        return Err(MergeError::Nothing);
    };

    let mut seconds: BTreeMap<i64, Second> = BTreeMap::new();
    let (mut end, mut longest, mut latest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for &(began, name, part) in &begins {
        let after = (began - start).as_seconds_f64();
        if after > 0.0 && after >= earliest.measured_s {
            return Err(MergeError::Apart(first.clone(), name.clone()));
        }
        end = end.max(after + part.measured_s);
        longest = longest.max(part.measured_s);
        latest = latest.max(after);
        let offset = (began - start + Duration::milliseconds(500)).whole_seconds();
        for second in &part.seconds {
            let at = second.at.saturating_add(offset);
            let sum = seconds.entry(at).or_insert_with(|| Second {
                at,
                ..Second::default()
            });
            absorb(sum, second);
        }
    }

    let mut remarks = Vec::new();
    if parts.len() > 1 {
        remarks.push(HIGHEST.to_owned());
    }
    // A moment's difference is that of the starts; more of it, and nobody ran under the whole load all the time.
    let together = latest <= AT_ONCE_S && end - longest <= AT_ONCE_S;
    let shortest = parts
        .iter()
        .map(|(_, part)| part.measured_s)
        .fold(longest, f64::min);
    if !together || longest - shortest > AT_ONCE_S {
        remarks.push(format!(
            "The machines did not measure at the same time throughout: the last began {latest:.1} s after the \
             first, the shortest measured {shortest:.1} s of {end:.1} s. Rates are over all of that time."
        ));
    }
    Ok(Times {
        began: earliest.began.clone(),
        measured_s: if together { longest } else { end },
        seconds: seconds.into_values().collect(),
        remarks,
    })
}

fn absorb(sum: &mut Second, second: &Second) {
    for (sum, more) in [
        (&mut sum.due, second.due),
        (&mut sum.sent, second.sent),
        (&mut sum.delivered, second.delivered),
        (&mut sum.wrong, second.wrong),
        (&mut sum.requests, second.requests),
        (&mut sum.connections, second.connections),
    ] {
        *sum = sum.saturating_add(more);
    }
    for (highest, other) in [
        (&mut sum.p50_us, second.p50_us),
        (&mut sum.p99_us, second.p99_us),
        (&mut sum.max_us, second.max_us),
        (&mut sum.lateness_p99_us, second.lateness_p99_us),
    ] {
        *highest = (*highest).max(other);
    }
    sum.device_busy = sum.device_busy.max(second.device_busy);
}

/// Beginnings and ends this near to each other are the same.
const AT_ONCE_S: f64 = 1.0;

const HIGHEST: &str = "The percentiles of single seconds are the highest of any machine, as only whole runs keep \
                       their histograms; those of the whole run are exact.";
