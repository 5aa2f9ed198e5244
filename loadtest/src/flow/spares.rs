//! No report takes the place of the people's file.

use std::path::{Path, PathBuf};

use anyhow::bail;
use chat_fixtures::output::is_one_file;

use crate::{cli::Deployment, report::ReportTo};

/// Sees to it, before anything is done, that no report would be written over the people or what is kept beside them.
pub(super) fn spares_people(deployment: &Deployment, reports: &[ReportTo]) -> anyhow::Result<()> {
    let Some(people) = &deployment.accounts else {
        return Ok(());
    };
    for report in reports.iter().filter_map(|to| to.path.as_deref()) {
        if BESIDE
            .iter()
            .any(|end| is_one_file(&with(people, end), report))
        {
            bail!(
                "a report to {} would take the place of the people in --accounts {}: name another file",
                report.display(),
                people.display()
            );
        }
    }
    Ok(())
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// The file itself, the sessions of people who were given, the lock.
const BESIDE: [&str; 3] = ["", ".sessions.json", ".lock"];
