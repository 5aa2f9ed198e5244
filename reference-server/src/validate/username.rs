//! User names: which characters they may have, and their normal form.

use unicode_normalization::UnicodeNormalization;

use crate::python;

/// Django's `^[\w.@+-]+\Z`.
pub(super) fn is_username(text: &str) -> bool {
    let allowed = |char| python::is_word(char) || matches!(char, '.' | '@' | '+' | '-');
    !text.is_empty() && text.chars().all(allowed)
}

/// The form in which a user name is stored: NFKC (REG-6). It may be longer than what was checked.
pub fn normalise_username(name: &str) -> String {
    name.nfkc().collect()
}
