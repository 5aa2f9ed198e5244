//! E-mail addresses as Django's `EmailValidator` takes them, and their normal form.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::python;

/// Whether Django takes it for an address: a local part, plain or quoted, and `localhost`, a domain name
/// (international ones as they are), or an IP address in brackets.
pub(super) fn is_email(text: &str) -> bool {
    const MAX_CHARACTERS: usize = 320;
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return false;
    }
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        (is_dot_atom(local) || is_quoted(local))
            && (domain == "localhost" || is_domain(domain) || is_address_literal(domain))
    })
}

/// The form in which an address is stored: trimmed, its domain in lower case (REG-6).
pub fn normalise_email(email: &str) -> String {
    match python::str_strip(email).rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => email.to_owned(),
    }
}

/// Words of letters, digits and some signs, with single dots between them.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|word| {
        let atom = |char| is_letter(char) || char.is_ascii_digit() || ATOM_SIGNS.contains(char);
        !word.is_empty() && word.chars().all(atom)
    })
}

/// Text in quotes, `"` and `\` only after a `\`; no blanks, no line ends.
fn is_quoted(local: &str) -> bool {
    let inner = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return false;
    };
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        let taken = match char {
            '\\' => chars.next().is_some_and(|next| match next {
                '\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}' => true,
                _ => is_letter(next),
            }),
            '\u{1}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => true,
            '!' | '#'..='[' | ']'..='\u{7f}' => true,
            _ => is_letter(char),
        };
        if !taken {
            return false;
        }
    }
    true
}

/// Two labels or more of at most 63 characters, none with a hyphen at an end; the last one has two
/// characters or more and no digits, unless it is punycode.
fn is_domain(domain: &str) -> bool {
    let Some((names, top)) = domain.rsplit_once('.') else {
        return false;
    };
    names.split('.').all(|label| is_label(label, is_label_char)) && is_top_level(top)
}

fn is_top_level(label: &str) -> bool {
    let plain = |char: char| is_label_char(char) && !char.is_ascii_digit();
    let punycode = || {
        let (prefix, rest) = label.split_at_checked(4)?;
        let rest_allowed = |char: char| is_letter(char) || char.is_ascii_digit();
        let short = (1..=59).contains(&rest.chars().count());
        (prefix.eq_ignore_ascii_case("xn--") && short && rest.chars().all(rest_allowed))
            .then_some(())
    };
    (label.chars().nth(1).is_some() && is_label(label, plain)) || punycode().is_some()
}

fn is_label(label: &str, allowed: impl Fn(char) -> bool) -> bool {
    const MAX_CHARACTERS: usize = 63;
    !label.is_empty()
        && label.chars().nth(MAX_CHARACTERS).is_none()
        && label.chars().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_label_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '\u{a1}'..='\u{ffff}')
}

/// `[127.0.0.1]` or `[::1]`.
fn is_address_literal(domain: &str) -> bool {
    const MAX_IPV6_CHARACTERS: usize = 39;
    let inner = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|address| {
        address.parse::<Ipv4Addr>().is_ok()
            || (address.len() <= MAX_IPV6_CHARACTERS && address.parse::<Ipv6Addr>().is_ok())
    })
}

/// `[A-Z]` of a Python pattern that ignores case: four letters beyond ASCII count as an I, S or K.
fn is_letter(char: char) -> bool {
    char.is_ascii_alphabetic() || matches!(char, 'İ' | 'ı' | 'ſ' | '\u{212a}')
}

const ATOM_SIGNS: &str = "-!#$%&'*+/=?^_`{}|~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_django_takes() {
        for address in [
            "a@b.co",
            "Erin+tag@EXAMPLE.Com",
            "a@localhost",
            "a@[127.0.0.1]",
            "a@[::1]",
            "a@[::FFFF:1.2.3.4]",
            "a@bücher.example",
            "a@例え.テスト",
            "a@x.xn--p1ai",
            "a@1.2.ab",
            "a@b-c.d--e.fg",
            "\"a,b\"@b.co",
            "\"\\\"\"@b.co",
            "\"\"@b.co",
            "\"@\"@b.co",
            "ſ@b.co",
        ] {
            assert!(is_email(address), "{address}");
        }
        assert!(is_email(&format!("a@{}.co", "b".repeat(63))));
    }

    #[test]
    fn addresses_that_django_refuses() {
        for address in [
            "",
            "@",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a@LOCALHOST",
            "a@b.c",
            "a@b.c1",
            "a@b.co.",
            "a@b..co",
            "a@-b.co",
            "a@b-.co",
            "a@b.-co",
            "a@b.co-",
            "a@b_c.co",
            "a@b.xn--",
            ".a@b.co",
            "a.@b.co",
            "a..b@b.co",
            "a b@b.co",
            "é@b.co",
            "\"a@b.co",
            "\"a b\"@b.co",
            "\"\"\"@b.co",
            "\"\\\"@b.co",
            "\"\t\"@b.co",
            "a@[127.0.0.01]",
            "a@[1.2.3]",
            "a@[::g]",
            "a@[::1%1]",
            "a@b.co\n",
            "a@𝕓.co",
        ] {
            assert!(!is_email(address), "{address}");
        }
        assert!(!is_email(&format!("a@{}.co", "b".repeat(64))));
        assert!(!is_email(&format!("{}@b.co", "a".repeat(320))));
    }

    #[test]
    fn only_the_domain_is_lowered() {
        assert_eq!(normalise_email("Erin@EXAMPLE.Com"), "Erin@example.com");
        assert_eq!(normalise_email("\"A@B\"@C"), "\"A@B\"@c");
        assert_eq!(normalise_email(""), "");
        assert_eq!(normalise_email("a@ΟΔΟΣ.GR"), "a@οδοσ.gr");
    }
}
