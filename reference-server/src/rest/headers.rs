//! Request headers as Django sees them: repeated ones joined, bytes read as Latin-1.

use http::HeaderMap;
use http::header::HeaderName;

use crate::cookie::latin1;

/// All values of a header joined with `,`, as Django's ASGI handler does. `None` where there is none.
pub(crate) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers
        .get_all(name)
        .iter()
        .map(|value| latin1(value.as_bytes()));
    let first = values.next()?;
    Some(values.fold(first, |all, next| all + "," + &next))
}
