//! A command line put together again, to be pasted.

use std::path::Path;

/// Its words so far.
#[derive(Debug)]
pub(super) struct Again(Vec<String>);

impl Again {
    /// A command line that begins so.
    pub(super) fn of(words: &[&str]) -> Self {
        Self(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// A word by itself.
    pub(super) fn word(&mut self, word: String) {
        self.0.push(word);
    }

    /// An option, if it has a value.
    pub(super) fn option(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.extend([name.to_owned(), value]);
        }
    }

    /// An option whose value is a file.
    pub(super) fn path(&mut self, name: &str, path: Option<&Path>) {
        self.option(name, path.map(|path| path.display().to_string()));
    }

    /// An option without a value, if it is given.
    pub(super) fn flag(&mut self, name: &str, is_given: bool) {
        if is_given {
            self.0.push(name.to_owned());
        }
    }

    /// The line, in which a shell reads each word as one.
    pub(super) fn line(&self) -> String {
        let words = self.0.iter().map(String::as_str);
        shlex::try_join(words).unwrap_or_else(|_| self.0.join(" "))
    }
}
