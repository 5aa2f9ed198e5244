//! What has another name when a story is played again: servers, accounts, ids, secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    report::Report,
    reproduction::{
        keys::{Key, keys},
        shell::{Variable, quoted},
        spelling::{jar, numbered, variable},
    },
    transcript::{Entry, Event, SECRETS, Text},
};

/// The variables of a script.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Base URL → `BASE`, `BASE_2`.
    bases: Vec<Variable>,
    /// `<password>` → `PASSWORD`; the run's prefix → `RUN`.
    texts: Vec<Variable>,
    /// Where the values of some of them are found.
    keys: BTreeMap<String, Key>,
    /// Those who play with an account that the story does not show the making of.
    accounts: Vec<(String, String)>,
    users: BTreeMap<u64, String>,
    chats: BTreeMap<u64, String>,
    messages: BTreeMap<u64, String>,
}

impl Names {
    /// The names of a story.
    pub(super) fn of(report: &Report, story: &[Entry]) -> Self {
        let mut names = Self::default();
        let bases = report
            .targets
            .iter()
            .map(|target| target.trim_end_matches('/').to_owned());
        names.bases = bases
            .enumerate()
            .map(|(n, needle)| Variable {
                needle,
                name: numbered("BASE", n),
            })
            .collect();
        for entry in story {
            match &entry.event {
                Event::Request { url, .. } => names.learns_base(url),
                Event::Introduced { id, .. } if !names.users.contains_key(id) => {
                    let name = variable(&entry.who);
                    names.accounts.push((jar(&entry.who), name.clone()));
                    names.users.insert(*id, name);
                }
                _ => {}
            }
        }
        let used = |base: &Variable| {
            story.iter().any(|entry| matches!(&entry.event, Event::Request { url, .. } if url.starts_with(&base.needle)))
        };
        names.bases.retain(used);
        for (n, base) in names.bases.iter_mut().enumerate() {
            base.name = numbered("BASE", n);
        }
        names.keys = keys(story);
        names.learns_texts(report, story);
        names
    }

    fn learns_base(&mut self, url: &str) {
        if self.bases.iter().any(|base| url.starts_with(&base.needle)) {
            return;
        }
        let path = url.find("://").map_or(0, |at| at + 3);
        let end = url[path..].find('/').map_or(url.len(), |at| path + at);
        let name = String::new();
        self.bases.push(Variable {
            needle: url[..end].to_owned(),
            name,
        });
    }

    fn learns_texts(&mut self, report: &Report, story: &[Entry]) {
        if !report.prefix.is_empty() {
            self.texts.push(Variable {
                needle: report.prefix.clone(),
                name: "RUN".to_owned(),
            });
        }
        let sent: Vec<&str> = story.iter().flat_map(|entry| said(&entry.event)).collect();
        for kind in SECRETS {
            for n in 0..9 {
                let needle = if n == 0 {
                    format!("<{kind}>")
                } else {
                    format!("<{kind} {}>", n + 1)
                };
                let name = numbered(&variable(kind), n);
                if sent.iter().any(|text| text.contains(&needle)) || name == "PASSWORD" {
                    self.texts.push(Variable { needle, name });
                }
            }
        }
    }

    /// The lines that give the variables their values.
    pub(super) fn declarations(&self) -> Vec<String> {
        let bases = self
            .bases
            .iter()
            .map(|base| format!("{}={}", base.name, quoted(&base.needle, &[])));
        let unknown = |text: &&Variable| !self.keys.contains_key(&text.needle);
        let texts = self
            .texts
            .iter()
            .filter(unknown)
            .map(|text| match text.name.as_str() {
                "RUN" => "RUN=by-hand-$$-".to_owned(),
                name if name.starts_with("PASSWORD") => {
                    format!("{name}=correct-horse-{}", name.len())
                }
                name => format!("{name}={MADE_UP} # any: whose it was the story does not show"),
            });
        bases.chain(texts).collect()
    }

    /// The lines that make the accounts whose making the story does not show.
    pub(super) fn accounts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.accounts.is_empty() {
            lines.push(ACCOUNT.to_owned());
        }
        for (jar, name) in &self.accounts {
            lines.push(format!("{name}=$(account {jar})"));
        }
        lines.extend(self.keys_since(None));
        lines
    }

    /// The lines that give the keys and tokens their values which an entry has set.
    pub(super) fn keys_since(&self, entry: Option<usize>) -> Vec<String> {
        let texts = self.texts.iter();
        texts
            .filter_map(|text| Some((&text.name, self.keys.get(&text.needle)?)))
            .filter(|(_, key)| key.since == entry)
            .map(|(name, key)| format!("{name}=$(cookie {} {})", key.jar, key.cookie))
            .collect()
    }

    /// Remembers what an answer gave an id to: the variable for it.
    pub(super) fn learns_id(
        &mut self,
        who: &str,
        method: &str,
        path: &str,
        answer: Option<&Text>,
    ) -> Option<String> {
        let id = serde_json::from_str::<Value>(&answer?.text)
            .ok()?
            .get("id")?
            .as_u64()?;
        let path = path.split('?').next().unwrap_or_default();
        let (ids, name) = match path {
            _ if method != "POST" => return None,
            "/api/register/" => (&mut self.users, variable(who)),
            "/api/chats/" => (&mut self.chats, "CHAT".to_owned()),
            _ if path.ends_with("/send_message/") => (&mut self.messages, "MESSAGE".to_owned()),
            _ => return None,
        };
        let name = if name == "CHAT" || name == "MESSAGE" {
            numbered(&name, ids.len())
        } else {
            name
        };
        ids.insert(id, name.clone());
        Some(name)
    }

    /// The base URL's variable and the path.
    pub(super) fn place<'a>(&self, url: &'a str) -> (String, &'a str) {
        let base = self
            .bases
            .iter()
            .filter(|base| url.starts_with(&base.needle))
            .max_by_key(|base| base.needle.len());
        base.map_or_else(
            || (String::new(), url),
            |base| (format!("${{{}}}", base.name), &url[base.needle.len()..]),
        )
    }

    /// The path as a word of the shell, with variables for the ids that are in it.
    pub(super) fn path(&self, path: &str) -> String {
        let mut variables = self.texts.clone();
        let mut marked = String::new();
        let (before, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let mut last = "";
        for (n, segment) in before.split('/').enumerate() {
            if n > 0 {
                marked.push('/');
            }
            let ids = match last {
                "chats" | "chat" => Some(&self.chats),
                "messages" => Some(&self.messages),
                _ => None,
            };
            match segment.parse().ok().and_then(|id: u64| ids?.get(&id)) {
                Some(name) => {
                    let needle = format!("\u{1}{name}\u{1}");
                    marked.push_str(&needle);
                    variables.push(Variable {
                        needle,
                        name: name.clone(),
                    });
                }
                None => marked.push_str(segment),
            }
            last = segment;
        }
        quoted(&(marked + query), &variables)
    }

    /// A body as a word of the shell, with variables for the accounts that it names.
    pub(super) fn body(&self, body: &str) -> String {
        let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(body) else {
            return self.text(body);
        };
        let mut variables = self.texts.clone();
        for item in fields
            .get_mut("participant_ids")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(name) = item.as_u64().and_then(|id| self.users.get(&id)) {
                *item = format!("@{name}@").into();
                variables.push(Variable {
                    needle: format!("\"@{name}@\""),
                    name: name.clone(),
                });
            }
        }
        if variables.len() == self.texts.len() {
            return self.text(body);
        }
        quoted(&Value::Object(fields).to_string(), &variables)
    }

    /// Any other text as a word of the shell.
    pub(super) fn text(&self, text: &str) -> String {
        quoted(text, &self.texts)
    }

    /// Whether a URL is at the first server of the script: cookie jars are kept by host.
    pub(super) fn is_first(&self, url: &str) -> bool {
        let host = |url: &str| {
            let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
            rest.split(['/', ':']).next().unwrap_or_default().to_owned()
        };
        self.bases
            .first()
            .is_none_or(|base| host(&base.needle) == host(url))
    }
}

/// The texts that a request puts on the wire.
fn said(event: &Event) -> Vec<&str> {
    match event {
        Event::Request {
            url, headers, body, ..
        } => {
            let headers = headers.iter().map(|(_, value)| value.as_str());
            let body = body.iter().map(|(_, body)| body.text.as_str());
            headers.chain(body).chain([url.as_str()]).collect()
        }
        Event::Sent { frame, .. } => vec![&frame.text],
        _ => Vec::new(),
    }
}

/// Has the form of a session key and of a CSRF token.
const MADE_UP: &str = "abcdefghijklmnopqrstuvwxyz012345";
/// As the suite makes its people; where nobody may register, the names of existing accounts do as well.
const ACCOUNT: &str = r#"account() { # registers somebody and logs them in; prints their id
  printf '{"username": "%s", "email": "%s@example.com", "password": "%s", "password_confirm": "%s"}' \
    "$RUN$1" "$RUN$1" "$PASSWORD" "$PASSWORD" |
    curl -sS -H 'Content-Type: application/json' --data-binary @- "$BASE/api/register/" | id
  printf '{"username": "%s", "password": "%s"}' "$RUN$1" "$PASSWORD" |
    curl -sS -o /dev/null -c "$1.jar" -H 'Content-Type: application/json' --data-binary @- "$BASE/api/login/"
}"#;
