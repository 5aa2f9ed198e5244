//! Where the points come from: searches that asked the same question of several numbers of processes.

use std::mem::{Discriminant, discriminant};

use serde::{Deserialize, Serialize};

use super::FitError;
use crate::{
    capacity::{Answer, Finding},
    difference::{Difference, same},
    measurement::{Load, Pace},
    record::Search,
};

/// The capacity of a deployment with so many processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Where it is from, as a file's name.
    pub name: String,
    /// How many processes.
    pub processes: u32,
    /// Messages a second.
    pub capacity: f64,
}

/// Points, with what had to be left out of them or is doubtful.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Points {
    /// The points.
    pub points: Vec<Point>,
    /// What is to be said about them.
    pub remarks: Vec<String>,
}

impl Points {
    /// Those of these searches, each with the name of its file.
    ///
    /// # Errors
    /// [`FitError::Twice`] and [`FitError::Different`].
    pub fn of(searches: &[(String, Search)]) -> Result<Self, FitError> {
        let mut points = Self::default();
        for (n, (name, search)) in searches.iter().enumerate() {
            let earlier = &searches[..n];
            if let Some((twin, _)) = earlier.iter().find(|(_, it)| it.finding == search.finding) {
                return Err(FitError::Twice(twin.clone(), name.clone()));
            }
            if let Some((first, asked)) = searches.first() {
                asks_the_same(asked, search).map_err(|difference| FitError::Different {
                    a: first.clone(),
                    b: name.clone(),
                    difference,
                })?;
            }
            points.add(name, &search.finding);
        }
        Ok(points)
    }

    /// Adds what a search has found. A bound that is not the deployment's own is left out, with a remark.
    fn add(&mut self, name: &str, finding: &Finding) {
        let processes = finding.load.as_ref().map(|load| load.processes);
        let (Some(processes), Some(capacity)) = (processes, finding.capacity) else {
            let without = if finding.capacity.is_none() {
                "no load held"
            } else {
                "it does not say how many processes there were"
            };
            self.remarks.push(format!("{name} is left out: {without}."));
            return;
        };
        match finding.answer {
            Answer::Found => {}
            // Without anything of the server that broke, the range has no upper end of its own.
            Answer::OutOfTime if finding.broke.is_some() => self.remarks.push(format!(
                "{name}: the search ran out of time; its capacity is the lower end of a range."
            )),
            _ => {
                self.remarks.push(format!(
                    "{name} is left out: {capacity:.0} messages a second is no capacity of the \
                     deployment, only what could be tried."
                ));
                return;
            }
        }
        self.points.push(Point {
            name: name.to_owned(),
            processes,
            capacity,
        });
    }
}

/// Capacities differ by the number of processes alone, or what grows with them is something else.
fn asks_the_same(first: &Search, search: &Search) -> Result<(), Difference> {
    if let (Some(one), Some(other)) = (&first.finding.load, &search.finding.load) {
        same("the scenario", &one.scenario, &other.scenario)?;
        same("the number of rooms", &one.rooms, &other.rooms)?;
        same("the number of members", &one.members, &other.members)?;
        same("the number of speakers", &one.senders, &other.senders)?;
        same("the payload", &one.payload, &other.payload)?;
        if paced(one) != paced(other) {
            same("the pace", &one.pace, &other.pace)?;
        }
    }
    same("the set of limits", &limits(first), &limits(search))
}

/// The pace of a search is that of its last probe: only its kind was asked for.
const fn paced(load: &Load) -> Discriminant<Pace> {
    discriminant(&load.pace)
}

/// In whatever order they were written.
fn limits(search: &Search) -> Vec<String> {
    let mut limits: Vec<_> = search.slo.iter().map(ToString::to_string).collect();
    limits.sort();
    limits
}
