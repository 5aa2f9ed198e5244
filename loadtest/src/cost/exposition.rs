//! Prometheus' text format, as far as one reads values from it: comments, names, labels, values; what follows a
//! value (a time, an exemplar) is let be. OpenMetrics' text is read the same way.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

/// A line that is not in the format.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} of the metrics is not in Prometheus' text format")]
pub(super) struct Malformed {
    line: usize,
}

/// The sum of all samples of that name, whatever their labels; `None` without any.
pub(super) fn sum(text: &str, name: &str) -> Result<Option<f64>, Malformed> {
    let mut sum = None;
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (found, value) = sample(content).ok_or(Malformed { line })?;
        if found == name {
            *sum.get_or_insert(0.0) += value;
        }
    }
    Ok(sum)
}

/// `name value`, `name{label="value"} value time`, or `{"name", label="value"} value`.
fn sample(line: &str) -> Option<(&str, f64)> {
    let end = line.find(|letter: char| letter == '{' || letter.is_ascii_whitespace())?;
    let (mut name, mut rest) = line.split_at(end);
    rest = rest.trim_start();
    if let Some(labels) = rest.strip_prefix('{') {
        let (quoted, behind) = skips_labels(labels)?;
        name = if name.is_empty() { quoted? } else { name };
        rest = behind;
    }
    // Rust reads NaN, +Inf and -Inf as Go writes them.
    let value = rest.split_ascii_whitespace().next()?.parse().ok()?;
    (!name.is_empty()).then_some((name, value))
}

/// What is behind the closing brace, and the name if it stood among the labels (in quotes, without a value).
fn skips_labels(mut text: &str) -> Option<(Option<&str>, &str)> {
    let mut name = None;
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        if let Some(behind) = text.strip_prefix('}') {
            return Some((name, behind));
        }
        match text.strip_prefix('"') {
            // A quoted name: of a label when a value follows, else of the metric.
            Some(quoted) => {
                let (content, behind) = unquotes(quoted)?;
                text = behind.trim_start();
                if !text.starts_with('=') {
                    name = Some(content);
                    continue;
                }
            }
            None => text = text.get(text.find('=')?..)?,
        }
        let value = text.strip_prefix('=')?.trim_start().strip_prefix('"')?;
        (_, text) = unquotes(value)?;
    }
}

/// What is between the quotes, as it stands, and what is behind them. `\"` and `\\` do not end it.
fn unquotes(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.47

process_resident_memory_bytes{instance=\"a\"} 2.1e+07 1395066363000
process_resident_memory_bytes { path=\"C:\\\\DIR\\\\\", error=\"Cannot find \\\"}\\\"\", } 1
chat_store_latency_seconds_bucket{le=\"+Inf\"} 17 # {trace=\"a}b\"} 0.5
{\"my.metric\", \"a label\"=\"b\"} 3
nothing NaN
endless -Inf
# EOF
";

    #[test]
    fn values_are_found_by_their_whole_name() {
        assert_eq!(sum(TEXT, "process_cpu_seconds_total"), Ok(Some(12.47)));
        assert_eq!(sum(TEXT, "my.metric"), Ok(Some(3.0)));
        assert_eq!(
            sum(TEXT, "chat_store_latency_seconds_bucket"),
            Ok(Some(17.0))
        );
        assert_eq!(sum(TEXT, "endless"), Ok(Some(f64::NEG_INFINITY)));
        assert_eq!(sum(TEXT, "process_cpu_seconds"), Ok(None));
    }

    #[test]
    fn labels_are_summed_and_may_hold_anything() {
        assert_eq!(
            sum(TEXT, "process_resident_memory_bytes"),
            Ok(Some(21_000_001.0))
        );
    }

    #[test]
    fn what_is_no_metric_is_told_by_its_line() {
        for text in [
            "<html>",
            "a",
            "a b",
            "a{b} 1",
            "a{b=\"c} 1",
            "a{b=c} 1",
            "{} 1",
            "{b=\"c\"} 1",
        ] {
            assert_eq!(
                sum(&format!("x 1\n{text}\n"), "x"),
                Err(Malformed { line: 2 }),
                "{text}"
            );
        }
    }
}
