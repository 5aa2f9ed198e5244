//! Cross-site request forgery checks, in Django's order and words (INTEROP §8).
//!
//! The check has two stages, because for POST the body is parsed between them (§8.1): what a broken
//! body is answered comes after the reasons of [`before_body`] and before those of [`token`].

mod origin;
mod secret;

pub use origin::TrustedOrigins;
pub use secret::{Flaw, Secret, masked, unmasked};

/// What a request shows before its body is read; texts as [`crate::cookie::latin1`] gives them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown<'a> {
    /// Whether the client speaks https with us, or with the proxy we believe.
    pub https: bool,
    /// `Host`, as sent.
    pub host: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Referer`.
    pub referer: Option<&'a str>,
    /// The `csrftoken` cookie.
    pub cookie: Option<&'a str>,
}

/// Why a request is refused. `Display` gives Django's reason, to which REST puts `CSRF Failed: ` in front.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The `Origin`, as sent, is neither the server's own nor trusted.
    #[error("Origin checking failed - {0} does not match any trusted origins.")]
    Origin(String),
    /// Over https, neither `Origin` nor `Referer`.
    #[error("Referer checking failed - no Referer.")]
    NoReferer,
    /// The `Referer` has no scheme or no host.
    #[error("Referer checking failed - Referer is malformed.")]
    MalformedReferer,
    /// The `Referer` is not of https.
    #[error("Referer checking failed - Referer is insecure while host is secure.")]
    InsecureReferer,
    /// The `Referer`, as Python spells it, is of another host.
    #[error("Referer checking failed - {0} does not match any trusted origins.")]
    Referer(String),
    /// The cookie holds no secret: the answer carries a new one ([`Self::wants_new_cookie`]).
    #[error("CSRF cookie {0}.")]
    Cookie(Flaw),
    /// There is no cookie.
    #[error("CSRF cookie not set.")]
    NoCookie,
    /// Neither the form nor the header has a token.
    #[error("CSRF token missing.")]
    NoToken,
    /// The token is not of the right form.
    #[error("CSRF token from {0} {1}.")]
    Token(Source, Flaw),
    /// The token is of another secret.
    #[error("CSRF token from {0} incorrect.")]
    Mismatch(Source),
}

/// Where a token was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The field `csrfmiddlewaretoken` of a POSTed form.
    Form,
    /// The header `X-CSRFToken`.
    Header,
}

impl Refusal {
    /// Whether the answer must set a new `csrftoken` cookie, with a new secret.
    pub fn wants_new_cookie(&self) -> bool {
        matches!(self, Self::Cookie(_))
    }
}

/// What methods are checked at all: not those that change nothing.
pub fn is_checked(method: &http::Method) -> bool {
    !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// The first stage: `Origin`, else over https `Referer`, then the cookie. Its secret is for [`token`].
///
/// # Errors
/// The first [`Refusal`] in Django's order.
pub fn before_body(shown: &Shown<'_>, trusted: &TrustedOrigins) -> Result<Secret, Refusal> {
    match shown.origin {
        Some(origin) => trusted.check_origin(origin, shown)?,
        None if shown.https => trusted.check_referer(shown)?,
        None => {}
    }
    let cookie = shown.cookie.ok_or(Refusal::NoCookie)?;
    Secret::read(cookie).map_err(Refusal::Cookie)
}

/// The second stage: the token must be of `secret`. `form` is the field `csrfmiddlewaretoken` of a
/// POSTed form (`None` for any other method or body), `header` is `X-CSRFToken`. A field that is not
/// empty wins, right or wrong.
///
/// # Errors
/// [`Refusal::NoToken`], [`Refusal::Token`], [`Refusal::Mismatch`].
pub fn token(secret: &Secret, form: Option<&str>, header: Option<&str>) -> Result<(), Refusal> {
    let (given, source) = match (form, header) {
        (Some(field), _) if !field.is_empty() => (field, Source::Form),
        (_, Some(value)) => (value, Source::Header),
        _ => return Err(Refusal::NoToken),
    };
    let given = Secret::read(given).map_err(|flaw| Refusal::Token(source, flaw))?;
    if given.is_same_as(secret) {
        Ok(())
    } else {
        Err(Refusal::Mismatch(source))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Form => "POST",
            Self::Header => "the 'X-Csrftoken' HTTP header",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn origin_comes_before_the_cookie_and_silences_the_referer() {
        let trusted = TrustedOrigins::default();
        let mut shown = Shown {
            https: true,
            host: Some("here"),
            ..Shown::default()
        };
        assert_eq!(before_body(&shown, &trusted), Err(Refusal::NoReferer));
        shown.origin = Some("https://there");
        assert_eq!(
            before_body(&shown, &trusted),
            Err(Refusal::Origin("https://there".into()))
        );
        shown.origin = Some("https://here");
        assert_eq!(before_body(&shown, &trusted), Err(Refusal::NoCookie));
        shown.cookie = Some("short");
        let refusal = before_body(&shown, &trusted).unwrap_err();
        assert!(refusal.wants_new_cookie());
        assert_eq!(refusal.to_string(), "CSRF cookie has incorrect length.");
    }

    #[test]
    fn without_a_host_no_origin_is_our_own() {
        let shown = Shown {
            origin: Some("http://"),
            ..Shown::default()
        };
        assert_eq!(
            before_body(&shown, &TrustedOrigins::default()),
            Err(Refusal::Origin("http://".into()))
        );
    }

    #[test]
    fn a_form_field_wins_unless_empty() {
        let (secret, other) = (Secret::new(), Secret::new());
        assert_eq!(
            token(&secret, Some(other.as_str()), Some(secret.as_str())),
            Err(Refusal::Mismatch(Source::Form))
        );
        assert_eq!(token(&secret, Some(""), Some(secret.as_str())), Ok(()));
        assert_eq!(token(&secret, Some(""), None), Err(Refusal::NoToken));
        assert_eq!(
            token(&secret, None, Some("")),
            Err(Refusal::Token(Source::Header, Flaw::Length))
        );
    }
}
