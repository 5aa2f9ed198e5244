//! Which process of the server could do no more.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{figure::share, measurement::ServerShare};

/// The process that could do no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bottleneck {
    /// Its name, as in its share.
    pub name: String,
    /// How full it was, 0 to 1: its [`ServerShare::busiest`], or what it has used of its quota.
    pub busiest: f64,
    /// Its [`ServerShare::quota`], if that is what was full.
    #[serde(default)]
    pub quota: Option<f64>,
    /// How many others could do no more either: when all are, the load is evenly spread.
    pub others: usize,
}

/// The process with the busiest thread, if that was on a core for more than 85 % of the time; or with the fullest quota
/// ([`ServerShare::quota`]), if more than 85 % of it was used: what runs out of its quota stands still until the next
/// period.
///
/// One thread gets no more than one core, and whatever a server does one after the other (an event loop, Python under
/// its lock, a writer of the database) is one thread. Work that comes at random waits ρ / (1 − ρ) times as long as it
/// takes, for a thread that is busy for a share ρ of the time (the M/M/1 queue): six times at 85 %, and from there
/// on steeply longer.
///
/// Of a process behind a URL only the sum of its threads is known, and that is judged alike: right for a server of
/// one thread, too strict for others. No process is a bottleneck by this rule when the threads of several share a
/// machine that is full; its own figures tell that.
#[must_use]
pub fn bottleneck(servers: &[ServerShare]) -> Option<Bottleneck> {
    let full = || {
        servers
            .iter()
            .map(fullness)
            .filter(|full| full.share > FULL)
    };
    let fullest = full().max_by(|one, other| one.share.total_cmp(&other.share))?;
    Some(Bottleneck {
        name: fullest.server.name.clone(),
        busiest: fullest.share,
        quota: fullest.quota,
        others: full().count() - 1,
    })
}

struct Fullness<'a> {
    server: &'a ServerShare,
    share: f64,
    quota: Option<f64>,
}

fn fullness(server: &ServerShare) -> Fullness<'_> {
    let of_quota = server.quota.map(|quota| (server.cores / quota, quota));
    let (share, quota) = match of_quota {
        Some((share, quota)) if share > server.busiest => (share, Some(quota)),
        _ => (server.busiest, None),
    };
    Fullness {
        server,
        share,
        quota,
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, percent) = (&self.name, self.busiest * 100.0);
        match self.quota {
            None => write!(f, "{name} was busy for {percent:.0} % of a core's time")?,
            Some(quota) => write!(
                f,
                "{name} used {percent:.0} % of its CPU quota of {} of a core",
                share(quota)
            )?,
        }
        match self.others {
            0 => Ok(()),
            1 => f.write_str(", and one other nearly as much"),
            others => write!(f, ", and {others} others nearly as much"),
        }
    }
}

const FULL: f64 = 0.85;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn servers(busiest: &[f64]) -> Vec<ServerShare> {
        busiest
            .iter()
            .zip(1..)
            .map(|(busiest, n)| ServerShare {
                name: format!("pid {n}"),
                cores: *busiest,
                busiest: *busiest,
                quota: None,
            })
            .collect()
    }

    #[test]
    fn it_is_the_fullest_of_those_that_are_full() {
        let all = servers(&[0.4, 0.97, 0.9]);
        let found = bottleneck(&all).unwrap();
        assert_eq!((found.name.as_str(), found.others), ("pid 2", 1));
        assert_eq!(
            found.to_string(),
            "pid 2 was busy for 97 % of a core's time, and one other nearly as much"
        );
    }

    #[test]
    fn whoever_has_used_up_a_quota_can_do_no_more() {
        let mut all = servers(&[0.08, 0.079, 0.9]);
        all[0].quota = Some(0.08);
        all[1].quota = Some(0.5);
        let found = bottleneck(&all).unwrap();
        assert_eq!(
            found.to_string(),
            "pid 1 used 100 % of its CPU quota of 8 % of a core, and one other nearly as much"
        );
        all[0].quota = Some(2.0);
        assert_eq!(bottleneck(&all[..2]), None);
    }

    #[test]
    fn there_is_none_where_nobody_is_full() {
        assert_eq!(bottleneck(&servers(&[0.85, 0.2])), None);
        assert_eq!(bottleneck(&[]), None);
    }
}
