//! Where secrets stand: in headers, in bodies of every form, in pages, in URLs.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Kind, Secrets, is_secret, unquoted};

impl Secrets {
    /// Learns what a request's or an answer's header gives away.
    pub(crate) fn learn_header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("cookie") {
            for (name, value) in value
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
            {
                self.learn(kind_of_cookie(name), unquoted(value));
            }
        } else if name.eq_ignore_ascii_case("set-cookie") {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.learn(kind_of_cookie(name.trim()), unquoted(value));
            }
        } else if is_secret(name) {
            let kind = if name.to_ascii_lowercase().contains("csrf") {
                Kind::Csrf
            } else {
                Kind::Header
            };
            self.learn(kind, value);
            // `Basic dXNlcjpwYXNz`: the word before is none of it.
            if let Some((_, credentials)) = value.split_once(' ') {
                self.learn(kind, credentials.trim());
            }
        }
    }

    /// Learns the passwords and tokens of a body that is sent, in whichever of the three forms.
    pub(crate) fn learn_body(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(body) = serde_json::from_str::<Value>(&text) {
            self.learn_json(&body);
            return;
        }
        for (name, value) in text
            .split(['&', '\n'])
            .filter_map(|field| field.split_once('='))
        {
            if let Some(kind) = kind_of_field(name) {
                let value = value.trim_end_matches('\r').replace('+', " ");
                self.learn(kind, &percent_decode_str(&value).decode_utf8_lossy());
            }
        }
        // A multipart body that a check has written itself.
        for part in text.split("name=\"").skip(1) {
            let field = part
                .split_once('"')
                .and_then(|(name, rest)| Some((name, rest.split_once("\r\n\r\n")?.1)));
            if let Some((name, value)) = field
                && let Some(kind) = kind_of_field(name)
            {
                self.learn(kind, value.split("\r\n").next().unwrap_or_default());
            }
        }
    }

    fn learn_json(&mut self, body: &Value) {
        match body {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (kind_of_field(name), value) {
                        (Some(kind), Value::String(value)) => self.learn(kind, value),
                        _ => self.learn_json(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_json(item)),
            _ => {}
        }
    }

    /// Learns the token that a page has in its form.
    pub(crate) fn learn_page(&mut self, text: &str) {
        for rest in text.split("csrfmiddlewaretoken").skip(1) {
            let near: String = rest.chars().take(120).collect();
            let token = near
                .split(|c: char| !c.is_ascii_alphanumeric())
                .find(|run| run.len() >= 32);
            if let Some(token) = token {
                self.learn(Kind::Csrf, token);
            }
        }
    }

    /// Learns the name and password that a URL carries.
    pub(crate) fn learn_url(&mut self, url: &str) {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            self.learn(
                Kind::Password,
                user.split_once(':').map_or(user, |(_, password)| password),
            );
        }
    }
}

fn kind_of_cookie(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    if name.contains("csrf") {
        Kind::Csrf
    } else if name.contains("sess") {
        Kind::Session
    } else {
        Kind::Cookie
    }
}

fn kind_of_field(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    if name.contains("csrf") || name.contains("token") {
        Some(Kind::Csrf)
    } else if name.contains("password") {
        Some(Kind::Password)
    } else if name == "sessionid" {
        Some(Kind::Session)
    } else {
        None
    }
}
