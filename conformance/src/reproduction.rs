//! A transcript as a shell script: what a reader can paste to see it with their own eyes.

use crate::report::{CheckResult, Report};

/// .
pub fn script(_report: &Report, _result: &CheckResult) -> Option<String> {
    None
}
