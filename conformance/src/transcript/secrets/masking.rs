//! Texts and headers without the secrets that are known, and without what goes by the name of one.

use super::{Secrets, is_secret, unquoted};

impl Secrets {
    /// The text without any of the secrets known so far, nor the beginning of one at its end.
    pub(crate) fn masked(&self, text: &str, cut: bool) -> String {
        let mut text = text.to_owned();
        if cut {
            for spelling in self.spellings() {
                let partial = (PARTIAL..spelling.len())
                    .rev()
                    .find(|n| spelling.is_char_boundary(*n) && text.ends_with(&spelling[..*n]));
                if let Some(partial) = partial {
                    text.truncate(text.len() - partial);
                }
            }
        }
        // The longest first: one may be a part of another.
        let mut secrets: Vec<_> = self
            .known
            .iter()
            .flat_map(|secret| {
                secret
                    .spellings
                    .iter()
                    .map(move |spelling| (spelling, &secret.name))
            })
            .collect();
        secrets.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        for (spelling, name) in secrets {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), name);
            }
        }
        text
    }

    /// A header's value without secrets, however short they are.
    pub(crate) fn masked_header(&self, name: &str, value: &str) -> String {
        let mut masked = self.masked(value, false);
        for (own, value) in &self.own {
            if name.eq_ignore_ascii_case(own) && masked.contains(value.as_str()) {
                let hidden = format!("<{} characters>", value.chars().count());
                masked = masked.replace(value.as_str(), &hidden);
            }
        }
        if name.eq_ignore_ascii_case("cookie") {
            let pairs: Vec<_> = masked.split("; ").map(masked_pair).collect();
            pairs.join("; ")
        } else if name.eq_ignore_ascii_case("set-cookie") {
            match masked.split_once(';') {
                Some((pair, attributes)) => format!("{};{attributes}", masked_pair(pair)),
                None => masked_pair(&masked),
            }
        } else if is_secret(name) && masked == value && !value.is_empty() {
            format!("<{} characters>", value.chars().count())
        } else {
            masked
        }
    }

    fn spellings(&self) -> impl Iterator<Item = &String> {
        self.known.iter().flat_map(|secret| &secret.spellings)
    }
}

/// `name=value` with the value hidden, unless it is hidden or empty already.
fn masked_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if !unquoted(value).is_empty() && !value.contains('<') => {
            format!("{name}=<{} characters>", unquoted(value).chars().count())
        }
        _ => pair.to_owned(),
    }
}

/// So much of a secret's beginning, at the end of a text that was cut, is taken off.
const PARTIAL: usize = 4;
