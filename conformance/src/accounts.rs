//! Accounts that exist already, for deployments whose registration is closed.

use std::{collections::BTreeSet, fmt, path::Path};

use anyhow::{Context, bail};

/// One account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The line of the file that it stands in, counted from 1.
    pub line: usize,
}

/// Reads a file of lines `username:password`; empty ones and those that begin with `#` are passed over. The
/// password is everything after the first colon, which no user name of the contract may hold.
///
/// # Errors
/// When the file cannot be read, a line has no colon, a name comes twice, or there is none at all.
pub fn read(path: &Path) -> anyhow::Result<Vec<Account>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the accounts in {}", path.display()))?;
    parse(&text).with_context(|| format!("the accounts in {}", path.display()))
}

fn parse(text: &str) -> anyhow::Result<Vec<Account>> {
    let mut names = BTreeSet::new();
    let mut accounts = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let n = n + 1;
        // The line is not shown: it may be a password.
        let Some((username, password)) = line.split_once(':') else {
            bail!("line {n} is not username:password");
        };
        if !names.insert(username) {
            bail!("line {n}: {username} is there twice");
        }
        accounts.push(Account {
            username: username.to_owned(),
            password: password.to_owned(),
            line: n,
        });
    }
    if accounts.is_empty() {
        bail!("there is none");
    }
    Ok(accounts)
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.username)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_line_is_a_name_and_a_password() {
        let accounts = parse("# staging\nalice:a:b c \n\nbob:secret\n").unwrap();
        assert_eq!(accounts[0].password, "a:b c ");
        assert_eq!(accounts[1].username, "bob");
        assert_eq!(format!("{accounts:?}"), "[alice:…, bob:…]");
    }

    #[test]
    fn what_is_no_account_is_told_by_its_line_alone() {
        for (text, said) in [
            ("alice:a\nhunter2", "line 2 is not username:password"),
            ("alice:a\nalice:b", "line 2: alice is there twice"),
            ("\n# nobody\n", "there is none"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), said);
        }
    }
}
