//! Times, kept exactly enough: three significant digits, from a microsecond to an hour, mergeable without loss.

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer as _, V2Serializer},
};
use serde::{Deserialize, Serialize, de, ser};

/// A histogram of microseconds (HdrHistogram, three digits, 1 µs to one hour; longer times count as one hour).
/// In JSON: `{"count", "min_us", "mean_us", "p50_us", "p90_us", "p99_us", "p999_us", "max_us", "hdr"}`, where
/// `hdr` is the whole of it in HdrHistogram's V2 format, base64, and all that is read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Times(Histogram<u64>);

impl Times {
    /// An empty one.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "these bounds are within what the library takes, by its documentation"
    )]
    pub fn new() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("bounds that are valid"))
    }

    /// Records one time, in microseconds.
    pub fn record(&mut self, micros: u64) {
        self.0.saturating_record(micros);
    }

    /// Adds what another has recorded.
    pub fn absorb(&mut self, other: &Self) {
        // Both have the same bounds, so there is nothing that could not be added.
        let _ = self.0.add(&other.0);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that `quantile` of all are no longer than, in microseconds; `None` without any.
    #[must_use]
    pub fn at(&self, quantile: f64) -> Option<u64> {
        (!self.0.is_empty()).then(|| self.0.value_at_quantile(quantile))
    }

    /// The longest, in microseconds.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (!self.0.is_empty()).then(|| self.0.max())
    }

    /// The shortest, in microseconds.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (!self.0.is_empty()).then(|| self.0.min())
    }

    /// The mean, in microseconds.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.mean())
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// The library's own, for those who iterate or write logs.
    #[must_use]
    pub const fn as_hdr(&self) -> &Histogram<u64> {
        &self.0
    }

    /// The V2 bytes: the form that records and other machines get.
    ///
    /// # Errors
    /// When the library cannot write it, which bounds like these do not cause.
    pub fn to_v2(&self) -> Result<Vec<u8>, hdrhistogram::serialization::V2SerializeError> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads V2 (or compressed V2) bytes.
    ///
    /// # Errors
    /// When it is no histogram; one of other bounds is brought to ours.
    pub fn from_v2(
        mut bytes: &[u8],
    ) -> Result<Self, hdrhistogram::serialization::DeserializeError> {
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut bytes)?;
        let mut times = Self::new();
        if times.0.add(&read).is_err() {
            for value in read.iter_recorded() {
                times
                    .0
                    .saturating_record_n(value.value_iterated_to(), value.count_at_value());
            }
        }
        Ok(times)
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    count: u64,
    #[serde(default)]
    min_us: Option<u64>,
    #[serde(default)]
    mean_us: Option<f64>,
    #[serde(default)]
    p50_us: Option<u64>,
    #[serde(default)]
    p90_us: Option<u64>,
    #[serde(default)]
    p99_us: Option<u64>,
    #[serde(default)]
    p999_us: Option<u64>,
    #[serde(default)]
    max_us: Option<u64>,
    hdr: String,
}

impl Serialize for Times {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            count: self.count(),
            min_us: self.min(),
            mean_us: self.mean().map(|mean| (mean * 10.0).round() / 10.0),
            p50_us: self.at(0.5),
            p90_us: self.at(0.9),
            p99_us: self.at(0.99),
            p999_us: self.at(0.999),
            max_us: self.max(),
            hdr: STANDARD.encode(self.to_v2().map_err(ser::Error::custom)?),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let bytes = STANDARD.decode(written.hdr).map_err(de::Error::custom)?;
        Self::from_v2(&bytes).map_err(de::Error::custom)
    }
}

const LONGEST: u64 = 3_600_000_000;
const DIGITS: u8 = 3;
