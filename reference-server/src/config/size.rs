//! Sizes on the command line: `8388608`, `8192KiB`, `8MiB`.

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Any size, in bytes.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "k" => KIB,
        "mib" | "m" => MIB,
        other => return Err(format!("unknown unit {other:?}; bytes, KiB or MiB")),
    };
    let number: usize = digits
        .parse()
        .map_err(|_| "not a whole number".to_owned())?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "too large".to_owned())
}

/// A queue that holds anything at all: one of no bytes would close every connection at its first frame.
pub(super) fn queue_size(text: &str) -> Result<usize, String> {
    match size(text)? {
        0 => Err("at least one byte must fit".to_owned()),
        size => Ok(size),
    }
}

/// A body of 4 MiB always passes, one over 32 MiB never does (HTTP-5).
pub(super) fn body_size(text: &str) -> Result<usize, String> {
    between(4 * MIB, 32 * MIB, text)
}

/// A frame of 8 MiB always passes, one over 32 MiB never does (WS-19).
pub(super) fn frame_size(text: &str) -> Result<usize, String> {
    between(8 * MIB, 32 * MIB, text)
}

fn between(least: usize, most: usize, text: &str) -> Result<usize, String> {
    let size = size(text)?;
    if (least..=most).contains(&size) {
        Ok(size)
    } else {
        Err(format!(
            "the contract asks for {} MiB to {} MiB",
            least / MIB,
            most / MIB
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("17"), Ok(17));
        assert_eq!(size("2KiB"), Ok(2048));
        assert_eq!(size("8 MiB"), Ok(8 * MIB));
        assert!(size("8 parsecs").is_err());
        assert!(size("-1").is_err());
        assert!(size("99999999999999999999").is_err());
        assert!(size("18446744073709551615MiB").is_err());
    }

    #[test]
    fn limits_stay_within_the_contract() {
        assert_eq!(body_size("4MiB"), Ok(4 * MIB));
        assert!(body_size("4194303").is_err());
        assert!(frame_size("33MiB").is_err());
        assert!(queue_size("0").is_err());
    }
}
