//! From a URL to an endpoint, as Django's resolver and its `APPEND_SLASH` find the way.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{API, Endpoint};

/// What a URL leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Endpoint {
        endpoint: &'static Endpoint,
        id: Option<String>,
        format: Option<String>,
    },
    /// The path exists with a slash at its end: where to go.
    Redirect(String),
    Nothing,
    /// Path or query are not ASCII.
    Malformed,
}

/// Finds the way as Django's resolver and its `APPEND_SLASH` do.
pub(crate) fn resolve(uri: &Uri) -> Found {
    if !uri.path().is_ascii() || !uri.query().unwrap_or_default().is_ascii() {
        return Found::Malformed;
    }
    let path = percent_decode_str(uri.path())
        .decode_utf8_lossy()
        .into_owned();
    if let Some((endpoint, id)) = matching(&path) {
        return Found::Endpoint {
            endpoint,
            id,
            format: None,
        };
    }
    if let Some(found) = with_suffix(&path) {
        return found;
    }
    if path.ends_with('/') || matching(&format!("{path}/")).is_none() {
        return Found::Nothing;
    }
    Found::Redirect(location(&path, uri.query().unwrap_or_default()))
}

fn matching(path: &str) -> Option<(&'static Endpoint, Option<String>)> {
    API.iter()
        .find_map(|endpoint| Some((endpoint, id_in(endpoint, path)?)))
}

/// `None`: another path. Else the id, if there is one to be had.
fn id_in(endpoint: &Endpoint, path: &str) -> Option<Option<String>> {
    let Some((before, after)) = endpoint.path.split_once("{id}") else {
        return (path == endpoint.path).then_some(None);
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    let valid = !id.is_empty() && !id.contains(['/', '.']);
    valid.then(|| Some(id.to_owned()))
}

/// A path of DRF's router with `.format` and perhaps a slash behind it: so `/api/chats/1.5/` asks for
/// chat 1 in the format `5`.
fn with_suffix(path: &str) -> Option<Found> {
    let (stem, format) = path.strip_suffix('/').unwrap_or(path).rsplit_once('.')?;
    let valid = !format.is_empty()
        && format
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    // The suffix comes in place of the slash, but for the root's, which comes behind it.
    let plain = match stem {
        "/api/" => stem.to_owned(),
        _ if stem.ends_with('/') => return None,
        _ => format!("{stem}/"),
    };
    let (endpoint, id) = matching(&plain)?;
    (valid && endpoint.suffixed).then(|| Found::Endpoint {
        endpoint,
        id,
        format: Some(format.to_owned()),
    })
}

/// The path with a slash, and the query, as Django's `get_full_path` quotes them.
fn location(path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!(
        "{}/{mark}{}",
        utf8_percent_encode(path, PATH),
        utf8_percent_encode(query, QUERY)
    )
}

/// All but letters, digits and `safe`.
const fn all_but(safe: &[u8]) -> AsciiSet {
    let mut set = NON_ALPHANUMERIC.remove(b'-');
    let mut at = 0;
    while at < safe.len() {
        set = set.remove(safe[at]);
        at += 1;
    }
    set
}

/// Quoted in a path, by Django's `escape_uri_path`.
const PATH: &AsciiSet = &all_but(b"/:@&+$,-_.!~*'()");
/// Quoted in a query, by Django's `iri_to_uri`.
const QUERY: &AsciiSet = &all_but(b"/#%[]=:;$&()+,!?*@'~-_.");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::super::Resource;
    use super::*;

    fn find(uri: &str) -> Found {
        resolve(&uri.parse().unwrap())
    }

    fn endpoint(uri: &str) -> Option<(Resource, Option<String>, Option<String>)> {
        match find(uri) {
            Found::Endpoint {
                endpoint,
                id,
                format,
            } => Some((endpoint.resource, id, format)),
            _ => None,
        }
    }

    #[test]
    fn paths_are_decoded_before_they_are_matched() {
        let id = |text: &str| Some(text.to_owned());
        for (uri, resource, expected) in [
            ("/api/", Resource::Root, None),
            ("/api/%6de/?next=x", Resource::Me, None),
            ("/api%2Fme%2F", Resource::Me, None),
            ("/api/chats/%201%0A/", Resource::Chat, id(" 1\n")),
            (
                "/api/chats/%D9%A1/messages/",
                Resource::ChatMessages,
                id("١"),
            ),
            (
                "/api/chats/%FF/send_message/",
                Resource::SendMessage,
                id("\u{fffd}"),
            ),
            ("/api/messages/abc/", Resource::Message, id("abc")),
        ] {
            assert_eq!(endpoint(uri), Some((resource, expected, None)), "{uri}");
        }
        for uri in [
            "/",
            "/api/nope/",
            "//api/me/",
            "/api/chats//",
            "/api/chats/1/2/",
            "/api/me//",
            "*",
            "/api/nope",
            "//api/me",
        ] {
            assert_eq!(find(uri), Found::Nothing, "{uri}");
        }
    }

    #[test]
    fn a_missing_slash_is_added_with_the_query_kept() {
        for (uri, location) in [
            ("/api", "/api/"),
            ("/api/me?a=b%20c&d='", "/api/me/?a=b%20c&d='"),
            (
                "/api/chats/a%20b;=%C3%A9%00",
                "/api/chats/a%20b%3B%3D%C3%A9%00/",
            ),
            ("/api/chats/1/send_message", "/api/chats/1/send_message/"),
        ] {
            assert_eq!(find(uri), Found::Redirect(location.to_owned()), "{uri}");
        }
    }

    #[test]
    fn a_dot_in_an_id_is_a_format_suffix() {
        let five = Some((Resource::Chat, Some("1".to_owned()), Some("5".to_owned())));
        assert_eq!(endpoint("/api/chats/1.5/"), five);
        assert_eq!(endpoint("/api/chats/1.5"), five);
        for uri in [
            "/api/chats/1.A/",
            "/api/chats/1.5.5/",
            "/api/me.json",
            "/api/chats/.5/",
            "/api/chats/1./",
        ] {
            assert_eq!(find(uri), Found::Nothing, "{uri}");
        }
    }
}
