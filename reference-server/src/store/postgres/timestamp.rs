//! Timestamps as Postgres sends and takes them: microseconds since the year 2000.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use crate::timestamp::Timestamp;

/// 2000-01-01T00:00:00Z in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

type Failure = Box<dyn std::error::Error + Sync + Send>;

impl<'a> FromSql<'a> for Timestamp {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        // `infinity` is the largest number, and stays beyond every moment.
        Ok(Self::from_micros(micros.saturating_add(EPOCH)))
    }

    accepts!(TIMESTAMPTZ);
}

impl ToSql for Timestamp {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_i64(self.as_micros().saturating_sub(EPOCH));
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}
