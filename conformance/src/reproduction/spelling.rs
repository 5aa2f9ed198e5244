//! How people and things are called in a script: cookie jars and variables.

/// What somebody's cookie jar is called.
pub(super) fn jar(who: &str) -> String {
    let name: String = who
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() {
        "somebody".to_owned()
    } else {
        name
    }
}

/// The variable of somebody or something.
pub(super) fn variable(who: &str) -> String {
    let name = jar(who).to_ascii_uppercase().replace('-', "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// The name of the `n`-th of a kind, counted from 0.
pub(super) fn numbered(name: &str, n: usize) -> String {
    if n == 0 {
        name.to_owned()
    } else {
        format!("{name}_{}", n + 1)
    }
}
