//! Cookie headers (INTEROP §6.6–6.8, §8.4).

use chat_reference_server::cookie::{self, Cookies};
use serde_json::{Value, json};

use crate::{CSRF_SECRET, NOW, at, each, text};

pub(crate) fn set_cookie_lines(lines: &Value) -> usize {
    let now = at(lines["at_unix"].as_i64().unwrap());
    let [ours, closing] = [
        "k0000000000000000000000000000002",
        "k0000000000000000000000000000003",
    ];
    let written = json!({
        "at_unix": NOW,
        "login_session": cookie::session(ours, now, false),
        "login_session_secure": cookie::session(ours, now, true),
        "browser_close_session": cookie::session_until_browser_closes(closing, false),
        "csrf": cookie::csrf(CSRF_SECRET, now, false),
        "logout_delete_session": cookie::delete_session(),
    });
    assert_eq!(written, *lines);
    lines.as_object().unwrap().len() - 1
}

pub(crate) fn headers(cases: &Value) -> usize {
    each(cases, |case| {
        let cookies = Cookies::parse(text(&case["header"]));
        let expected = case["parsed"].as_object().unwrap();
        assert_eq!(cookies.len(), expected.len(), "{case}");
        for (name, value) in expected {
            assert_eq!(cookies.get(name), value.as_str(), "{case}");
        }
    })
}
