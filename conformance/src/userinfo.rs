//! The name and the password that a URL carries, and that nobody else has to read.

/// The text with `…` for what stands before the `@` of each URL in it.
pub fn hidden(text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        told.push_str(before);
        told.push_str("://");
        let end = after.find(ENDS).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                told.push('…');
                &after[at..]
            }
            None => after,
        };
    }
    told + rest
}

/// What a URL's authority ends with, in a URL and in a sentence.
const ENDS: fn(char) -> bool = |c| c.is_whitespace() || "/?#\"'`<>)".contains(c);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_hidden_wherever_a_url_stands() {
        for (text, told) in [
            ("http://host/a@b", "http://host/a@b"),
            ("http://me:secret@host:8000/", "http://…@host:8000/"),
            ("https://token@host", "https://…@host"),
            ("http://me:p@ss@host", "http://…@host"),
            (
                "cannot reach (redis://:secret@r) by http://a:b@c, nor d@e",
                "cannot reach (redis://…@r) by http://…@c, nor d@e",
            ),
            ("://", "://"),
            ("no URL, me@example.org", "no URL, me@example.org"),
        ] {
            assert_eq!(hidden(text), told);
        }
    }
}
