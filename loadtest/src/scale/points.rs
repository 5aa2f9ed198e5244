//! Where the points come from: findings of searches and single runs, by their number of processes.

use serde::{Deserialize, Serialize};

use crate::{
    capacity::{Answer, Finding},
    measurement::{Measurement, Pace},
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
    /// Adds what a search has found; `processes` where the finding does not say it. A bound that is not the
    /// deployment's own is left out, with a remark.
    pub fn add_finding(&mut self, name: &str, finding: &Finding, processes: Option<u32>) {
        let known = finding.load.as_ref().map(|load| load.processes);
        let (Some(processes), Some(capacity)) = (processes.or(known), finding.capacity) else {
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

    /// Adds what a single run has carried. Only a run that asked for all that the deployment can do shows its
    /// capacity; with an open model a remark says so.
    pub fn add_run(&mut self, name: &str, run: &Measurement) {
        if !run.is_valid() {
            self.remarks.push(format!(
                "{name} is left out: its device was not fit to measure."
            ));
            return;
        }
        if !matches!(run.load.pace, Pace::InFlight { .. }) {
            self.remarks.push(format!(
                "{name} is one run at a set pace: it shows what was asked for, which may be less than what is carried."
            ));
        }
        self.points.push(Point {
            name: name.to_owned(),
            processes: run.load.processes,
            capacity: run.sent_per_second(),
        });
    }
}
