//! How much of the CPU a process may have: the quota of its control group, as a container has it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use procfs::{ProcessCGroup, process::Process};

/// How many cores the process may use on the average; `None` where that is unlimited, or cannot be seen. The tightest
/// of its group and those above it counts, by either version of control groups
/// (<https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files>,
/// <https://docs.kernel.org/scheduler/sched-bwc.html>).
pub(super) fn of(process: &Process) -> Option<f64> {
    tightest(Path::new("/sys/fs/cgroup"), &process.cgroups().ok()?.0)
}

fn tightest(mount: &Path, groups: &[ProcessCGroup]) -> Option<f64> {
    let quotas = groups.iter().filter_map(|group| {
        let is_of_cpu = group
            .controllers
            .iter()
            .any(|controller| controller == "cpu");
        let (mount, read): (PathBuf, fn(&Path) -> Option<f64>) = match group.hierarchy {
            0 => (mount.to_owned(), second_version),
            _ if is_of_cpu => (mount.join("cpu"), first_version),
            _ => return None,
        };
        let path = Path::new(group.pathname.trim_start_matches('/'));
        let above = path.ancestors().filter_map(|path| read(&mount.join(path)));
        above.min_by(f64::total_cmp)
    });
    quotas.min_by(f64::total_cmp)
}

/// `cpu.max` holds `QUOTA PERIOD`, in microseconds, or `max PERIOD`.
fn second_version(group: &Path) -> Option<f64> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.split_once(' ')?;
    cores(quota, period)
}

/// The quota is −1 where there is none.
fn first_version(group: &Path) -> Option<f64> {
    let read = |file: &str| fs::read_to_string(group.join(file)).ok();
    cores(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?)
}

fn cores(quota: &str, period: &str) -> Option<f64> {
    let quota: f64 = quota.trim().parse().ok()?;
    let period: f64 = period.trim().parse().ok()?;
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn group(hierarchy: u32, controllers: &[&str], pathname: &str) -> ProcessCGroup {
        ProcessCGroup {
            hierarchy,
            controllers: controllers.iter().map(ToString::to_string).collect(),
            pathname: pathname.to_owned(),
        }
    }

    /// A tree of control groups with these files.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let mount = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = mount.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        mount
    }

    #[test]
    fn the_tightest_of_a_group_and_those_above_it_counts() {
        let mount = tree(&[
            ("pod/cpu.max", "50000 100000\n"),
            ("pod/chat/cpu.max", "200000 100000\n"),
            ("other/cpu.max", "max 100000\n"),
        ]);
        let quota = |pathname| tightest(mount.path(), &[group(0, &[""], pathname)]);
        assert_eq!(quota("/pod/chat"), Some(0.5));
        assert_eq!(quota("/other"), None);
        assert_eq!(quota("/nowhere"), None);
        assert_eq!(quota("/"), None);
    }

    #[test]
    fn the_first_version_has_a_tree_for_the_cpu() {
        let mount = tree(&[
            ("cpu/chat/cpu.cfs_quota_us", "1600\n"),
            ("cpu/chat/cpu.cfs_period_us", "20000\n"),
            ("cpu/cpu.cfs_quota_us", "-1\n"),
            ("cpu/cpu.cfs_period_us", "100000\n"),
        ]);
        let quota = |pathname| {
            let groups = [group(4, &["memory"], "/x"), group(1, &["cpu"], pathname)];
            tightest(mount.path(), &groups)
        };
        assert_eq!(quota("/chat"), Some(0.08));
        assert_eq!(quota("/"), None);
    }
}
