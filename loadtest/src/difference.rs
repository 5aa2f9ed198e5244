//! What keeps two records from belonging together: what one was asked, and the other was not.

use std::fmt::Debug;

/// The first of what two records were asked that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {one} there and {other} here")]
pub struct Difference {
    /// What is different.
    pub what: &'static str,
    /// What the first has.
    pub one: String,
    /// What the other has.
    pub other: String,
}

/// Whether both have the same of it, as they are written.
pub(crate) fn same(
    what: &'static str,
    one: &dyn Debug,
    other: &dyn Debug,
) -> Result<(), Difference> {
    let (one, other) = (format!("{one:?}"), format!("{other:?}"));
    if one == other {
        return Ok(());
    }
    Err(Difference { what, one, other })
}
