//! People who have accounts already, as somebody wrote them down: `username:password`, a line each.

use std::{collections::HashSet, path::Path};

use super::{book::Credentials, error::NoPeople, file};

/// Reads a file of lines `username:password`; empty ones and those that begin with `#` are passed over. The
/// password is everything after the first colon, which no user name of the contract may hold. `None` where there
/// is no such file: nothing at all, or what begins as the JSON of a pool does.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Credentials>>, NoPeople> {
    let Some(text) = file::text(path)? else {
        return Ok(None);
    };
    if text.trim_start().starts_with('{') {
        return Ok(None);
    }
    parse(&text).map(Some).map_err(|reason| NoPeople::Corrupt {
        path: path.to_owned(),
        reason,
    })
}

fn parse(text: &str) -> Result<Vec<Credentials>, String> {
    let mut names = HashSet::new();
    let mut people = Vec::new();
    for (n, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        // The line is not shown: it may be a password.
        let Some((username, password)) = line.split_once(':') else {
            return Err(format!("has a line {n} that is not username:password"));
        };
        if !names.insert(username) {
            return Err(format!("has {username} twice, again in line {n}"));
        }
        people.push(Credentials {
            username: username.to_owned(),
            password: password.to_owned(),
        });
    }
    match people.is_empty() {
        true => Err("has nobody in it".to_owned()),
        false => Ok(people),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_line_is_a_name_and_a_password() {
        let people = parse("# staging\nalice:a:b c \n\nbob:secret\n").unwrap();
        assert_eq!(people[0].password, "a:b c ");
        assert_eq!(people[1].username, "bob");
        assert_eq!(format!("{people:?}"), "[alice:…, bob:…]");
    }

    #[test]
    fn what_is_no_account_is_told_by_its_line_alone() {
        for (text, said) in [
            (
                "alice:a\nhunter2",
                "has a line 2 that is not username:password",
            ),
            ("alice:a\nalice:b", "has alice twice, again in line 2"),
            ("\n# nobody\n", "has nobody in it"),
        ] {
            assert_eq!(parse(text).unwrap_err(), said);
        }
    }
}
