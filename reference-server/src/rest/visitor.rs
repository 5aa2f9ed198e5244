//! Who asks: from the cookies to a user, and what that does to the cookies (INTEROP §6.4, §8).

use http::header::{HeaderName, ORIGIN, REFERER};
use http::request::Parts;

use crate::app::App;
use crate::authentication::{Anonymous, Caller, authenticate};
use crate::cookie::{self, CSRF_COOKIE, Cookies, SESSION_COOKIE};
use crate::csrf::{self, Secret, Shown};
use crate::rest::body::{Read, Received};
use crate::rest::headers::joined;
use crate::rest::host::Site;
use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::timestamp::Timestamp;

/// The client of one request, as far as it is known by now.
pub(crate) struct Visitor {
    cookies: Cookies,
    /// Who it is, once [`Visitor::identify`] has found out.
    pub(crate) caller: Option<Caller>,
    looked_at: bool,
    session_line: Option<String>,
    csrf_line: Option<String>,
}

impl Visitor {
    /// Knows the cookies alone. What Django's middleware does on every request is noted already: a
    /// session key too short to be one is taken away, a malformed CSRF cookie replaced.
    pub(crate) fn new(head: &Parts, app: &App) -> Self {
        let cookies = Cookies::from_headers(&head.headers);
        let too_short = cookies
            .get(SESSION_COOKIE)
            .is_some_and(|key| key.chars().count() < SHORTEST_KEY);
        let malformed = cookies
            .get(CSRF_COOKIE)
            .is_some_and(|token| Secret::read(token).is_err());
        let mut visitor = Self {
            cookies,
            caller: None,
            looked_at: false,
            session_line: too_short.then(cookie::delete_session),
            csrf_line: None,
        };
        if malformed {
            visitor.give_new_csrf_secret(app);
        }
        visitor
    }

    /// Finds out whose session it is. A cookie whose session is no more is taken away.
    pub(crate) async fn identify(&mut self, app: &App) -> Result<(), Refusal> {
        self.looked_at = true;
        let Some(key) = self.session_key().map(str::to_owned) else {
            return Ok(());
        };
        match authenticate(app, Some(&key)).await? {
            Ok(caller) => self.caller = Some(caller),
            Err(Anonymous::Unreadable) => {}
            Err(Anonymous::NoKey | Anonymous::Unknown | Anonymous::Outdated) => {
                self.forget_session();
            }
        }
        Ok(())
    }

    /// The session cookie, whatever it is worth.
    pub(crate) fn session_key(&self) -> Option<&str> {
        self.cookies.get(SESSION_COOKIE)
    }

    /// The CSRF check of DRF's `SessionAuthentication`, for a user with a session. Of a POST the body
    /// is read before the token is sought, since it may be in there; what was read is returned.
    pub(crate) async fn check_csrf(
        &self,
        head: &Parts,
        method: &str,
        site: &Site,
        body: &Received,
        app: &App,
    ) -> Result<Option<Read>, Refusal> {
        let origin = joined(&head.headers, &ORIGIN);
        let referer = joined(&head.headers, &REFERER);
        let header = joined(&head.headers, &CSRF_HEADER);
        let shown = Shown {
            https: site.is_secure(),
            host: Some(&site.host),
            origin: origin.as_deref(),
            referer: referer.as_deref(),
            cookie: self.cookies.get(CSRF_COOKIE),
        };
        let secret = csrf::before_body(&shown, &app.settings.trusted_origins)?;
        let read = if method == "POST" {
            Some(body.read().await?)
        } else {
            None
        };
        let field = read.as_ref().and_then(|read| read.csrf_token.as_deref());
        csrf::token(&secret, field, header.as_deref())?;
        Ok(read)
    }

    /// The answer hands out a new CSRF secret.
    pub(crate) fn give_new_csrf_secret(&mut self, app: &App) {
        let secure = app.settings.secure_cookies;
        self.csrf_line = Some(cookie::csrf(
            Secret::new().as_str(),
            Timestamp::now(),
            secure,
        ));
    }

    /// The answer opens the session with this key, or renews it.
    pub(crate) fn give_session(&mut self, key: &str, now: Timestamp, app: &App) {
        self.session_line = Some(cookie::session(key, now, app.settings.secure_cookies));
    }

    /// The answer takes the session cookie away.
    pub(crate) fn forget_session(&mut self) {
        self.session_line = Some(cookie::delete_session());
    }

    /// Puts the cookies on the answer, as the middlewares do on the way out. The redirect to the path
    /// with a slash is made outside of the CSRF one.
    pub(crate) fn mark(&self, reply: &mut Reply) {
        if let Some(line) = self.csrf_line.as_ref().filter(|_| !reply.is_redirect()) {
            reply.set_cookie(line);
        }
        if let Some(line) = &self.session_line {
            reply.set_cookie(line);
        }
        if self.looked_at {
            reply.varies_by_cookie();
        }
    }
}

/// Where scripts put the token.
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrftoken");

/// Django's shortest session key.
const SHORTEST_KEY: usize = 8;
