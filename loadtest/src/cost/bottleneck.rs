//! Which process of the server could do no more.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::measurement::ServerShare;

/// The process that could do no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bottleneck {
    /// Its name, as in its share.
    pub name: String,
    /// Its [`ServerShare::busiest`].
    pub busiest: f64,
    /// How many others could do no more either: when all are, the load is evenly spread.
    pub others: usize,
}

/// The process with the busiest thread, if that was on a core for more than 85 % of the time.
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
    let full = || servers.iter().filter(|server| server.busiest > FULL);
    let fullest = full().max_by(|one, other| one.busiest.total_cmp(&other.busiest))?;
    Some(Bottleneck {
        name: fullest.name.clone(),
        busiest: fullest.busiest,
        others: full().count() - 1,
    })
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} was busy for {:.0} % of a core's time",
            self.name,
            self.busiest * 100.0
        )?;
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
    fn there_is_none_where_nobody_is_full() {
        assert_eq!(bottleneck(&servers(&[0.85, 0.2])), None);
        assert_eq!(bottleneck(&[]), None);
    }
}
