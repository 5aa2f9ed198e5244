//! Whose session keys and tokens a story shows: in a script they are read from the cookie jar of that person.

use std::collections::BTreeMap;

use crate::{
    reproduction::spelling::jar,
    transcript::{Entry, Event},
};

/// Where a script finds the value that goes by a name like `<session key 2>`.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The jar's owner, and what the cookie is called.
    pub(super) jar: String,
    pub(super) cookie: String,
    /// The entry whose answer has set it; none, when its owner had it before the story began.
    pub(super) since: Option<usize>,
}

/// The keys and tokens of a story by the names they go by.
pub(super) fn keys(story: &[Entry]) -> BTreeMap<String, Key> {
    let mut keys = BTreeMap::new();
    for (n, entry) in story.iter().enumerate() {
        let (cookies, since) = match &entry.event {
            Event::Introduced { cookies, .. } => (cookies.clone(), None),
            Event::Answer { headers, .. } => (set_cookies(headers), Some(n)),
            _ => continue,
        };
        for (cookie, name) in cookies {
            if name.starts_with('<') && name.ends_with('>') {
                keys.entry(name).or_insert_with(|| Key {
                    jar: jar(&entry.who),
                    cookie,
                    since,
                });
            }
        }
    }
    keys
}

fn set_cookies(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}
