//! The signing primitive (INTEROP §5).

use chat_reference_server::signing;
use serde_json::Value;

use crate::{each, same, text, unhex};

pub(crate) fn hmac_key_rule(rule: &Value) -> usize {
    same(rule, "sha256(salt_utf8 || secret_utf8)")
}

pub(crate) fn cases(cases: &Value) -> usize {
    each(cases, |case| {
        let [salt, value, secret] = ["salt", "value", "secret"].map(|key| text(&case[key]));
        assert_eq!(
            signing::derived_key(salt, secret).to_vec(),
            unhex(&case["derived_key_hex"])
        );
        let mac = signing::salted_hmac(salt, value, secret);
        assert_eq!(mac.to_vec(), unhex(&case["hmac_sha256_hex"]));
        assert_eq!(signing::base64url(&mac), case["b64url_nopad"]);
    })
}

pub(crate) fn base62(cases: &Value) -> usize {
    each(cases, |case| {
        let (number, digits) = (case["n"].as_i64().unwrap(), text(&case["text"]));
        assert_eq!(signing::base62(number), digits);
        assert_eq!(signing::from_base62(digits), Some(number));
    })
}
