//! What a place in an answer is called whatever its number is.

/// `body/3/participants/0/email` as `body/*/participants/*/email`.
pub(super) fn shape(at: &str) -> String {
    let part = |part: &str| match part {
        _ if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => "*".to_owned(),
        _ if part.starts_with("connection ") => "connection".to_owned(),
        other => other.to_owned(),
    };
    at.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_tell_places_apart() {
        assert_eq!(shape("body/3/name"), "body/*/name");
        assert_eq!(shape("connection 12/frames/0"), "connection/frames/*");
        assert_eq!(shape("status"), "status");
    }
}
