//! What a request by hand needs to reach the deployment, as it was given on the command line.

use chat_fixtures::userinfo;

use crate::{cli::Access, reproduction::shell::quoted};

/// The options of curl and websocat that go with every request.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The names of the headers that are sent along; their values may be secret.
    pub headers: Vec<String>,
    /// Whether any certificate is trusted.
    pub insecure: bool,
    /// The file of the certificate authorities.
    pub cacert: Option<String>,
    /// The proxy, without its password.
    pub proxy: Option<String>,
}

impl Way {
    /// As a command line says.
    pub(crate) fn of(access: &Access) -> Self {
        Self {
            headers: access
                .headers
                .iter()
                .map(|(name, _)| name.to_string())
                .collect(),
            insecure: access.insecure,
            cacert: access.cacert.as_ref().map(|path| {
                // The script plays in a folder of its own.
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                path.display().to_string()
            }),
            proxy: access.proxy.as_deref().map(userinfo::hidden),
        }
    }

    /// The lines of a script that make curl, and websocat where frames are sent, go this way.
    pub(crate) fn lines(&self, speaks: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let mut curl = vec![r"command curl -w '\n'".to_owned()];
        let mut websocat = Vec::new();
        if self.insecure {
            curl.push("-k".to_owned());
            websocat.push("command websocat -k".to_owned());
        } else {
            websocat.push("command websocat".to_owned());
        }
        if let Some(file) = &self.cacert {
            curl.push(format!("--cacert {}", quoted(file, &[])));
            websocat.insert(0, format!("SSL_CERT_FILE={}", quoted(file, &[])));
        }
        if let Some(proxy) = &self.proxy {
            curl.push(format!("--proxy {}", quoted(proxy, &[])));
            if speaks {
                lines.push(format!(
                    "# websocat 1 knows no HTTP proxy: its frames do not go through {proxy}"
                ));
            }
        }
        for (n, name) in self.headers.iter().enumerate() {
            let variable = format!("HEADER_{}", n + 1);
            lines.push(format!(
                "{variable}=${{{variable}:?reports leave out the value of -H {name}: put it in here}}"
            ));
            curl.push(format!("-H \"{name}: ${variable}\""));
            websocat.push(format!("-H=\"{name}: ${variable}\""));
        }
        lines.push(format!("curl() {{ {} \"$@\"; }}", curl.join(" ")));
        if speaks {
            lines.push(WEBSOCAT.to_owned());
            if self.insecure || self.cacert.is_some() || !self.headers.is_empty() {
                lines.push(format!("websocat() {{ {} \"$@\"; }}", websocat.join(" ")));
            }
        }
        lines
    }
}

/// Without it the script would wait for ever to be read.
const WEBSOCAT: &str = "\
command -v websocat > /dev/null || { echo 'needs websocat: cargo install websocat' >&2; exit 1; }";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_line_says_goes_with_every_request() {
        let way = Way {
            headers: vec!["x-gate".to_owned()],
            insecure: true,
            ..Way::default()
        };
        assert_eq!(
            way.lines(true),
            [
                "HEADER_1=${HEADER_1:?reports leave out the value of -H x-gate: put it in here}",
                r#"curl() { command curl -w '\n' -k -H "x-gate: $HEADER_1" "$@"; }"#,
                WEBSOCAT,
                r#"websocat() { command websocat -k -H="x-gate: $HEADER_1" "$@"; }"#,
            ]
        );
        assert_eq!(
            Way::default().lines(false),
            [r#"curl() { command curl -w '\n' "$@"; }"#]
        );
    }
}
