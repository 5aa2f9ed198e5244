//! The OpenMetrics text format, read strictly: whatever Prometheus would refuse is a panic here.

use std::collections::BTreeMap;

/// What was exposed: the value of each sample by its name and labels as written.
#[derive(Debug)]
pub(crate) struct Exposition {
    samples: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

impl Exposition {
    /// Reads the whole text (OpenMetrics 1.0, "Text format").
    pub(crate) fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the end is `# EOF`");
        let mut read = Self {
            samples: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        let mut family = String::new();
        for line in body.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (keyword, name, rest) = (words.next(), words.next().unwrap(), words.next());
                match keyword {
                    Some("TYPE") => {
                        let kind = rest.unwrap().to_owned();
                        assert!(
                            read.types.insert(name.to_owned(), kind).is_none(),
                            "twice: {line}"
                        );
                    }
                    Some("HELP") => assert!(!rest.unwrap().is_empty(), "{line}"),
                    Some("UNIT") => {
                        assert!(name.ends_with(&format!("_{}", rest.unwrap())), "{line}")
                    }
                    _ => panic!("neither TYPE, HELP nor UNIT: {line}"),
                }
                family = name.to_owned();
            } else {
                read.sample(&family, line);
            }
        }
        read.histograms_add_up();
        read
    }

    /// The value of a sample, e.g. `chat_drops_total{cause="slow_reader"}`; 0 where there is none yet.
    pub(crate) fn value(&self, sample: &str) -> f64 {
        self.samples.get(sample).copied().unwrap_or_default()
    }

    /// Whether there is a family of this name and type.
    pub(crate) fn has(&self, family: &str, kind: &str) -> bool {
        self.types.get(family).is_some_and(|actual| actual == kind)
    }

    fn sample(&mut self, family: &str, line: &str) {
        let (sample, value) = line.rsplit_once(' ').expect("a name and a value");
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        let labels = labels.strip_suffix('}').expect("closed braces");
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (name, value) = label.split_once('=').expect("label=value");
            assert!(
                is_name(name) && value.len() >= 2 && value.starts_with('"') && value.ends_with('"'),
                "{line}"
            );
        }
        let suffix = name
            .strip_prefix(family)
            .expect("samples follow their family's TYPE");
        let allowed: &[&str] = match self.types[family].as_str() {
            "counter" => &["_total", "_created"],
            "gauge" => &[""],
            "histogram" => &["_bucket", "_sum", "_count", "_created"],
            other => panic!("nobody promised a {other}"),
        };
        assert!(is_name(name) && allowed.contains(&suffix), "{line}");
        let value = value.parse().expect("a number");
        assert!(
            self.samples.insert(sample.to_owned(), value).is_none(),
            "twice: {line}"
        );
    }

    fn histograms_add_up(&self) {
        for (family, _) in self.types.iter().filter(|(_, kind)| *kind == "histogram") {
            let mut buckets: Vec<(f64, f64)> = self
                .samples
                .iter()
                .filter_map(|(sample, value)| {
                    let bound = sample.strip_prefix(&format!("{family}_bucket{{le=\""))?;
                    Some((bound.strip_suffix("\"}")?.parse().unwrap(), *value))
                })
                .collect();
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(
                buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1),
                "{family}: {buckets:?}"
            );
            let (bound, all) = buckets.last().expect("buckets");
            assert!(bound.is_infinite(), "{family} has no +Inf");
            assert!((all - self.value(&format!("{family}_count"))).abs() < f64::EPSILON);
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[test]
fn what_prometheus_would_refuse_is_seen() {
    let good = "# HELP a_b All.\n# TYPE a_b counter\na_b_total{c=\"d\"} 1\n# EOF\n";
    assert_eq!(Exposition::read(good).value("a_b_total{c=\"d\"}"), 1.0);
    for bad in [
        good.replace("# EOF\n", ""),
        good.replace("_total", ""),
        good.replace(" 1\n", " one\n"),
        good.replace("a_b_total{c=\"d\"} 1\n", "a_b_total 1\na_b_total 1\n"),
        good.replace("a_b_total", "b_a_total"),
    ] {
        assert!(
            std::panic::catch_unwind(|| Exposition::read(&bad)).is_err(),
            "{bad}"
        );
    }
}
