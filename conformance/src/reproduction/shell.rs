//! Text as words of a POSIX shell, words as commands, and comments.

use crate::report::visible::on_one_line;

/// A text that stands in a script as a variable: what it replaces, and the variable's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) needle: String,
    pub(super) name: String,
}

/// The text as one word that means just it, but for the variables in it.
pub(super) fn quoted(text: &str, variables: &[Variable]) -> String {
    let mut word = String::new();
    let mut rest = text;
    while let Some((at, variable)) = first(rest, variables) {
        word.push_str(&literal(&rest[..at]));
        word.push_str(&format!("\"${{{}}}\"", variable.name));
        rest = &rest[at + variable.needle.len()..];
    }
    word.push_str(&literal(rest));
    if word.is_empty() {
        "''".to_owned()
    } else {
        word
    }
}

/// A line that the shell passes over.
pub(super) fn comment(text: &str) -> String {
    format!("# {}", on_one_line(text, usize::MAX))
        .trim_end()
        .to_owned()
}

/// Words on one line, or on several where that would be long.
pub(super) fn folded(words: &[String]) -> String {
    let line = words.join(" ");
    if line.chars().count() <= WIDTH {
        line
    } else {
        words.join(" \\\n  ")
    }
}

/// The variable that comes first, the longest of those that come together.
fn first<'a>(text: &str, variables: &'a [Variable]) -> Option<(usize, &'a Variable)> {
    variables
        .iter()
        .filter(|variable| !variable.needle.is_empty())
        .filter_map(|variable| Some((text.find(&variable.needle)?, variable)))
        .min_by_key(|(at, variable)| (*at, std::cmp::Reverse(variable.needle.len())))
}

fn literal(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// How many characters a command may have on one line.
const WIDTH: usize = 100;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::process::Command;

    use super::*;

    fn said(word: &str) -> String {
        let script = format!("RUN=by-hand; printf %s {word}");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_shell_reads_what_was_meant() {
        for text in [
            "",
            "plain",
            "it's",
            "$HOME `id` \"x\" \\n ! * ~",
            "a\nb",
            "ü 😀",
            "-n",
            "''",
        ] {
            assert_eq!(said(&quoted(text, &[])), text, "{text:?}");
        }
    }

    #[test]
    fn variables_are_put_in() {
        let variables = [("ct-1-", "RUN"), ("ct-1-x", "LONGER")].map(|(needle, name)| Variable {
            needle: needle.to_owned(),
            name: name.to_owned(),
        });
        let word = quoted(r#"{"name": "ct-1-chat's"}"#, &variables[..1]);
        assert_eq!(word, r#"'{"name": "'"${RUN}"'chat'\''s"}'"#);
        assert_eq!(said(&word), r#"{"name": "by-handchat's"}"#);
        assert_eq!(quoted("ct-1-x", &variables), "\"${LONGER}\"");
    }
}
