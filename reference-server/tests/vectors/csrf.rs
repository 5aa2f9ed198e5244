//! CSRF tokens and checks (INTEROP §8).

use chat_reference_server::cookie::Cookies;
use chat_reference_server::csrf::{self, Secret, Shown, TrustedOrigins};
use chat_reference_server::{json_dumps, signing};
use serde_json::{Value, json};

use crate::{CSRF_SECRET, each, same, text};

pub(crate) fn alphabet(alphabet: &Value) -> usize {
    same(
        alphabet,
        std::str::from_utf8(signing::LETTERS_AND_DIGITS).unwrap(),
    )
}

pub(crate) fn secret_length(length: &Value) -> usize {
    same(length, Secret::new().as_str().len())
}

pub(crate) fn masked_length(length: &Value) -> usize {
    same(length, csrf::masked(&Secret::new(), &Secret::new()).len())
}

pub(crate) fn masking(cases: &Value) -> usize {
    each(cases, |case| {
        let secret = Secret::read(text(&case["secret"])).unwrap();
        let mask = Secret::read(text(&case["mask"])).unwrap();
        let token = csrf::masked(&secret, &mask);
        assert_eq!(token, case["token"]);
        assert_eq!(csrf::unmasked(&token), Some(secret));
    })
}

pub(crate) fn cases(cases: &Value) -> usize {
    each(cases, |case| {
        let request = Request {
            cookie: case["cookie_value"].as_str(),
            header: case["header_value"].as_str(),
            ..POST
        };
        let (reason, _) = request.checked(&[]);
        assert_eq!(Value::from(reason.clone()), case["reason"], "{case}");
        assert_eq!(reason.is_none(), case["match"], "{case}");
        assert_eq!(
            reason.map_or(Value::Null, |reason| body(&reason)),
            case["drf_403_body"],
            "{case}"
        );
    })
}

pub(crate) fn over_http(cases: &Value) -> usize {
    let secret = Secret::read(CSRF_SECRET).unwrap();
    let [masked, remasked] = [(), ()].map(|()| csrf::masked(&secret, &Secret::new()));
    let stranger = Secret::new();
    let foreign = csrf::masked(&stranger, &Secret::new());
    let dashes = "-".repeat(32);
    let good = POST.header(CSRF_SECRET);
    let [quoted, twice] = [
        format!("csrftoken=\"{CSRF_SECRET}\""),
        format!("csrftoken=x; csrftoken={CSRF_SECRET}"),
    ]
    .map(|header| Cookies::parse(&header));
    each(cases, |case| {
        let request = match text(&case["case"]) {
            "GET no token" => POST.method("GET"),
            "OPTIONS no token" => POST.method("OPTIONS"),
            "POST no csrf cookie no token" => POST.cookie(None),
            "POST no csrf cookie but header" => good.cookie(None),
            "POST cookie, no token" | "POST json body field" | "x-csrf-token (wrong name)" => POST,
            "POST cookie, empty header" => POST.header(""),
            "POST header=secret(32)" | "lowercase header name" => good,
            "POST header=masked(64)" => POST.header(&masked),
            "POST header wrong 32" => POST.header(stranger.as_str()),
            "POST header wrong 64" => POST.header(&foreign),
            "POST header bad length" => POST.header("abc"),
            "POST header bad chars" => POST.header(&dashes),
            "POST cookie masked(64), header=other mask" => {
                POST.cookie(Some(&masked)).header(&remasked)
            }
            "POST cookie bad length" => good.cookie(Some("abc")),
            "POST cookie bad chars" => good.cookie(Some(&dashes)),
            "POST form field token" => POST.form(CSRF_SECRET),
            "POST form field wrong" => POST.form(stranger.as_str()),
            "POST form field wrong + header right" => good.form(stranger.as_str()),
            "POST form field bad length" => POST.form("abc"),
            "POST form field empty + header right" => good.form(""),
            "PUT form field only" => POST.method("PUT").form(CSRF_SECRET),
            "PUT header" => good.method("PUT"),
            "DELETE header" => good.method("DELETE"),
            "PATCH no token" => POST.method("PATCH"),
            "Origin same" => good.origin("http://127.0.0.1:8765"),
            "Origin other port" => good.origin("http://127.0.0.1"),
            "Origin https vs http" => good.origin("https://127.0.0.1:8765"),
            "Origin null" => good.origin("null"),
            "Origin evil, no token" => POST.origin("http://evil.example"),
            "Origin uppercase host" => good.origin("HTTP://LOCALHOST:8765").host("localhost:8765"),
            "Host uppercase/Origin lower" => {
                good.origin("http://localhost:8765").host("LOCALHOST:8765")
            }
            "Referer evil over http" => good.referer("http://evil.example/"),
            "quoted cookie value" => good.cookie(quoted.get("csrftoken")),
            "duplicate csrftoken cookies (last wins?)" => good.cookie(twice.get("csrftoken")),
            // Nobody is logged in: the check is not even asked.
            "bad session, POST, no token" | "no cookies at all" => {
                assert!(!text(&case["body"]).contains("CSRF"), "{case}");
                return;
            }
            unknown => panic!("an unknown case: {unknown}"),
        };
        let (reason, new_cookie) = request.checked(&[]);
        assert_eq!(
            reason.map_or(Value::Null, |reason| body(&reason)),
            case["body"],
            "{case}"
        );
        assert_eq!(new_cookie, case["sets_csrf_cookie"], "{case}");
    })
}

pub(crate) fn over_https(part: &Value) -> usize {
    let trusted: Vec<&str> = part["trusted_origins"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    each(&part["cases"], |case| {
        let headers = &case["headers"];
        let request = Request {
            https: true,
            host: "api.example.com",
            origin: headers["Origin"].as_str(),
            referer: headers["Referer"].as_str(),
            ..POST.header(CSRF_SECRET)
        };
        let (reason, _) = request.checked(&trusted);
        assert_eq!(reason.is_none(), case["status"] == 200, "{case}");
        assert_eq!(
            reason.map_or(Value::Null, |reason| body(&reason)),
            case["body"],
            "{case}"
        );
    })
}

/// How far each request comes: what stands between the stages is another module's answer.
pub(crate) fn precedence(cases: &Value) -> usize {
    let good = POST.header(CSRF_SECRET);
    let trusted = TrustedOrigins::default();
    each(cases, |case| {
        let request = match text(&case["request"]) {
            "POST, broken JSON, foreign Origin http://evil, no token" => POST.origin("http://evil"),
            "POST, broken JSON, no csrftoken cookie" => POST.cookie(None),
            "POST, body {bad, cookie but no token" | "POST, text/plain, cookie but no token" => {
                assert!(
                    csrf::before_body(&POST.shown(), &trusted).is_ok(),
                    "the body is looked at: {case}"
                );
                assert!(case["status"] == 400 || case["status"] == 415);
                return;
            }
            "POST, body {bad, valid token, view that allows only GET"
            | "POST, body {}, valid token, view that allows only GET"
            | "POST, no body and no Content-Type, valid token" => {
                assert_eq!(good.checked(&[]), (None, false), "{case}");
                return;
            }
            "PUT, body {bad, cookie but no token" | "PUT, text/plain, cookie but no token" => {
                POST.method("PUT")
            }
            "POST, body {}, no token, view that allows only GET" => POST,
            "POST, Accept: image/png, no token" | "POST, body {bad, protected view" => {
                assert!(!text(&case["body"]).contains("CSRF"), "{case}");
                return;
            }
            unknown => panic!("an unknown case: {unknown}"),
        };
        let (reason, _) = request.checked(&[]);
        assert_eq!(body(&reason.expect("a refusal")), case["body"], "{case}");
    })
}

/// A session-authenticated request as the check sees it.
#[derive(Clone, Copy)]
struct Request<'a> {
    method: &'a str,
    https: bool,
    host: &'a str,
    origin: Option<&'a str>,
    referer: Option<&'a str>,
    cookie: Option<&'a str>,
    header: Option<&'a str>,
    form: Option<&'a str>,
}

const POST: Request<'static> = Request {
    method: "POST",
    https: false,
    host: "127.0.0.1:8765",
    origin: None,
    referer: None,
    cookie: Some(CSRF_SECRET),
    header: None,
    form: None,
};

impl<'a> Request<'a> {
    fn method(self, method: &'a str) -> Self {
        Self { method, ..self }
    }
    fn host(self, host: &'a str) -> Self {
        Self { host, ..self }
    }
    fn origin(self, origin: &'a str) -> Self {
        Self {
            origin: Some(origin),
            ..self
        }
    }
    fn referer(self, referer: &'a str) -> Self {
        Self {
            referer: Some(referer),
            ..self
        }
    }
    fn cookie(self, cookie: Option<&'a str>) -> Self {
        Self { cookie, ..self }
    }
    fn header(self, header: &'a str) -> Self {
        Self {
            header: Some(header),
            ..self
        }
    }
    fn form(self, form: &'a str) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    fn shown(&self) -> Shown<'a> {
        let Self {
            https,
            host,
            origin,
            referer,
            cookie,
            ..
        } = *self;
        Shown {
            https,
            host: Some(host),
            origin,
            referer,
            cookie,
        }
    }

    /// The reason of a refusal, and whether a new cookie goes with it.
    fn checked(&self, trusted: &[&str]) -> (Option<String>, bool) {
        let method = http::Method::from_bytes(self.method.as_bytes()).unwrap();
        if !csrf::is_checked(&method) {
            return (None, false);
        }
        let form = self.form.filter(|_| method == http::Method::POST);
        let checked = csrf::before_body(&self.shown(), &TrustedOrigins::new(trusted))
            .and_then(|secret| csrf::token(&secret, form, self.header));
        match checked {
            Ok(()) => (None, false),
            Err(refusal) => (Some(refusal.to_string()), refusal.wants_new_cookie()),
        }
    }
}

fn body(reason: &str) -> Value {
    json_dumps::compact(&json!({ "detail": format!("CSRF Failed: {reason}") }))
        .unwrap()
        .into()
}
