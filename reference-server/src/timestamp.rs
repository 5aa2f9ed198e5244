//! Moments as Django keeps and shows them: microseconds, UTC, no fraction at all when it is zero.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment, in whole microseconds since 1970-01-01T00:00:00Z (INTEROP §10).
///
/// `Display` writes the contract's form, `2025-10-14T08:00:00.123456Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The present, by this machine's clock.
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// As Django writes it to SQLite: `2025-10-14 08:00:00.123456`, a blank where the contract has a `T`.
    ///
    /// SQLite compares these as text, so the form must be exact (INTEROP §10).
    pub fn to_sqlite(self) -> String {
        self.spelled(' ', "")
    }

    /// Reads what Django accepts from a `datetime` column: 1–9 fraction digits, blank or `T`,
    /// `Z`, an offset or none (then UTC), or a bare date. `None` if it is none of these.
    pub fn from_sqlite(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut full = text.replacen(' ', "T", 1);
        if full.len() == 10 {
            full.push_str("T00:00:00");
        }
        let zoned = full.get(10..)?.contains(['Z', 'z', '+', '-']);
        if !zoned {
            full.push('Z');
        }
        let moment = OffsetDateTime::parse(&full, &Rfc3339).ok()?;
        Some(Self(
            (moment.unix_timestamp_nanos() / 1000).try_into().ok()?,
        ))
    }

    fn spelled(self, separator: char, zone: &str) -> String {
        let mut text = String::with_capacity(27);
        self.spell(&mut text, separator, zone).unwrap_or_default();
        text
    }

    fn spell(self, out: &mut impl fmt::Write, separator: char, zone: &str) -> fmt::Result {
        let epoch = OffsetDateTime::UNIX_EPOCH;
        let moment = epoch
            .checked_add(time::Duration::microseconds(self.0))
            .unwrap_or(epoch);
        let (date, clock) = (moment.date(), moment.time());
        write!(
            out,
            "{:04}-{:02}-{:02}{separator}{:02}:{:02}:{:02}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
        )?;
        match clock.microsecond() {
            0 => {}
            micros => write!(out, ".{micros:06}")?,
        }
        out.write_str(zone)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(f, 'T', "Z")
    }
}
