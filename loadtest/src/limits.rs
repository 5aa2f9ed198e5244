//! What the system lets one process have: open files, and ports to connect from.

use std::{collections::BTreeSet, fs, net::SocketAddr};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The system lets this process open too few files.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{connections} connections need {needed} open files, and this system lets a process have {allowed}: \
     `ulimit -n {needed}` before, as far as `ulimit -Hn` goes; for more, LimitNOFILE= of a systemd unit, \
     --ulimit nofile={needed} of a container, or /etc/security/limits.conf"
)]
pub struct TooFewFiles {
    /// How many connections there are to be.
    pub connections: u64,
    /// How many files that takes.
    pub needed: u64,
    /// The hard limit.
    pub allowed: u64,
}

/// Raises the limit of open files (`RLIMIT_NOFILE`, getrlimit(2)) as far as so many connections need; it is never
/// lowered. Returns the limit that holds.
///
/// # Errors
/// [`TooFewFiles`] when the hard limit is lower and may not be raised.
pub fn raise_open_files(connections: u64) -> Result<u64, TooFewFiles> {
    let needed = connections.saturating_add(MARGIN);
    let limit = getrlimit(Resource::Nofile);
    let now = limit.current.unwrap_or(u64::MAX);
    if now >= needed {
        return Ok(now);
    }
    let raised = Rlimit {
        current: Some(needed),
        // A higher hard limit is for the privileged: the kernel says whether we are.
        maximum: limit.maximum.map(|maximum| maximum.max(needed)),
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => Ok(needed),
        Err(_) => Err(TooFewFiles {
            connections,
            needed,
            allowed: limit.maximum.unwrap_or(u64::MAX),
        }),
    }
}

/// What to warn of when there are too few ports for so many connections to these addresses, evenly spread: a port
/// connects to the same address only once, and those of `ip_local_port_range` are all there are (ip(7)). On loopback
/// connections come from many source addresses, and the ports do not run out.
#[must_use]
pub fn too_few_ports(connections: u64, targets: &[SocketAddr]) -> Option<String> {
    // Without the file this is no Linux, and the range is not known.
    let range = fs::read_to_string(PORT_RANGE).ok()?;
    narrow(connections, targets, &range)
}

fn narrow(connections: u64, targets: &[SocketAddr], range: &str) -> Option<String> {
    let targets: BTreeSet<_> = targets.iter().collect();
    let each = connections.div_ceil(
        u64::try_from(targets.len())
            .ok()
            .filter(|count| *count > 0)?,
    );
    let mut bounds = range.split_ascii_whitespace().map(str::parse::<u64>);
    let (first, last) = (bounds.next()?.ok()?, bounds.next()?.ok()?);
    let ports = (last + 1).checked_sub(first)?;
    let busy = targets
        .into_iter()
        .find(|target| !target.ip().is_loopback())?;
    (each > ports).then(|| {
        format!(
            "{each} connections to {busy} need as many ports, and this machine has {ports} ({first} to {last}): \
             sysctl -w net.ipv4.ip_local_port_range='1024 65535', more target addresses, or more machines"
        )
    })
}

const PORT_RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Beside the connections: REST requests, threads' own files, reports, and what the programmer forgot.
const MARGIN: u64 = 512;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_limit_is_raised_and_never_lowered() {
        let before = getrlimit(Resource::Nofile);
        assert_eq!(
            raise_open_files(1).ok(),
            Some(before.current.unwrap_or(u64::MAX).max(1 + MARGIN))
        );
        let least = before.current.unwrap_or(u64::MAX);
        assert!(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) >= least);
    }

    #[test]
    fn what_no_system_allows_is_told_with_the_figure() {
        // More than `fs.nr_open` can be; not even root may have it.
        let error = raise_open_files(1 << 40).unwrap_err();
        let needed = (1_u64 << 40) + MARGIN;
        assert_eq!(error.needed, needed);
        assert!(
            error.to_string().contains(&format!("ulimit -n {needed}")),
            "{error}"
        );
    }

    #[test]
    fn ports_are_counted_for_each_address() {
        let far: SocketAddr = "10.0.0.1:8000".parse().unwrap();
        let other: SocketAddr = "10.0.0.2:8000".parse().unwrap();
        let near: SocketAddr = "127.0.0.1:8000".parse().unwrap();
        let range = "32768\t60999\n";
        let said = narrow(28_233, &[far], range).unwrap();
        assert!(
            said.contains("28233 connections to 10.0.0.1:8000") && said.contains("has 28232"),
            "{said}"
        );
        assert_eq!(narrow(28_232, &[far], range), None);
        assert_eq!(narrow(28_233, &[far, other, far], range), None);
        assert_eq!(narrow(100_000, &[near], range), None);
        assert!(
            narrow(100_000, &[near, far], range)
                .unwrap()
                .contains("10.0.0.1")
        );
        assert_eq!(narrow(100_000, &[], range), None);
        assert_eq!(narrow(100_000, &[far], "unreadable"), None);
    }
}
