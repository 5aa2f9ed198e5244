//! The command line of a run, fit for a report: without what may be secret.

use chat_fixtures::userinfo;

/// The words as one line to paste into a shell. The values of headers, and what stands before the `@` of a URL,
/// are left out.
pub fn redacted(words: impl IntoIterator<Item = String>) -> String {
    let mut told = Vec::new();
    let mut is_header = false;
    for word in words {
        told.push(if is_header {
            header(&word)
        } else if let Some(value) = word.strip_prefix("--header=") {
            format!("--header={}", header(value))
        } else if word.starts_with("-H") && word.len() > 2 {
            format!("-H{}", header(&word[2..]))
        } else {
            userinfo::hidden(&word)
        });
        is_header = !is_header && matches!(word.as_str(), "--header" | "-H");
    }
    shlex::try_join(told.iter().map(String::as_str)).unwrap_or_else(|_| told.join(" "))
}

fn header(text: &str) -> String {
    let name = text.split(':').next().unwrap_or_default();
    format!("{name}: …")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_left_out() {
        let words = [
            "chat-loadtest",
            "run",
            "http://me:p@ss@host:8000/a@b",
            "http://b/",
            "-H",
            "Authorization: Bearer s3cret",
            "--header=Cookie: s3cret",
            "-HX-Key: s3cret",
            "--server-metrics=http://u:s3cret@m/metrics",
            "--threshold",
            "lost == 0",
        ];
        let told = redacted(words.map(str::to_owned));
        assert_eq!(
            told,
            "chat-loadtest run 'http://…@host:8000/a@b' http://b/ -H 'Authorization: …' '--header=Cookie: …' \
             '-HX-Key: …' '--server-metrics=http://…@m/metrics' --threshold 'lost == 0'"
        );
    }
}
