//! Password hashes (INTEROP §7).

use chat_reference_server::{password, signing};
use serde_json::Value;

use crate::{each, same, text, unhex};

pub(crate) fn hasher(hasher: &Value) -> usize {
    assert_eq!(hasher["iterations"], password::DJANGO_ITERATIONS);
    assert_eq!(hasher["salt_length"], password::new_salt().len());
    let encoded = password::encode("x", &password::new_salt(), 1);
    assert_eq!(encoded.split('$').next(), hasher["algorithm"].as_str());
    let shortest =
        usize::try_from(hasher["min_salt_chars_without_rehash"].as_u64().unwrap()).unwrap();
    assert!(!password::must_update(
        &password::encode("x", &"s".repeat(shortest), 1),
        1
    ));
    assert!(password::must_update(
        &password::encode("x", &"s".repeat(shortest - 1), 1),
        1
    ));
    same(
        &hasher["salt_alphabet"],
        std::str::from_utf8(signing::LETTERS_AND_DIGITS).unwrap(),
    )
}

pub(crate) fn valid(cases: &Value) -> usize {
    each(cases, |case| {
        let (plain, encoded) = (text(&case["plain"]), text(&case["encoded"]));
        assert_eq!(plain.as_bytes(), unhex(&case["plain_utf8_hex"]), "{case}");
        let rounds = u32::try_from(case["iterations"].as_u64().unwrap()).unwrap();
        assert_eq!(
            password::encode(plain, text(&case["salt"]), rounds),
            encoded,
            "{case}"
        );
        assert_eq!(
            password::must_update(encoded, password::DJANGO_ITERATIONS),
            case["must_update"],
            "{case}"
        );
    })
}

pub(crate) fn non_matching(cases: &Value) -> usize {
    each(cases, |case| {
        assert_eq!(
            password::matches(text(&case["plain"]), text(&case["encoded"])),
            case["matches"],
            "{case}"
        );
    })
}

pub(crate) fn unusable(form: &Value) -> usize {
    let column = password::unusable();
    let suffix = column.strip_prefix(text(&form["prefix"])).unwrap();
    assert_eq!(
        suffix.len(),
        form["random_suffix_length"].as_u64().unwrap() as usize
    );
    assert!(suffix.chars().all(|c| text(&form["alphabet"]).contains(c)));
    1
}
