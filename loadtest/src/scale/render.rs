//! A fit as text: what was measured beside the model, its parameters, and where it ends.

use std::fmt;

use super::{Fit, Model, Most, Processes};
use crate::figure::number;

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>9}  {:>12}  {:>12}  {:>8}",
            "processes", "measured/s", "model/s", "off by"
        )?;
        for point in &self.points {
            let model = self.capacity_of(point.processes);
            writeln!(
                f,
                "{:>9}  {:>12}  {:>12}  {:>+7.1}%  {}",
                point.processes,
                number(point.capacity),
                number(model),
                (model / point.capacity - 1.0) * 100.0,
                point.name
            )?;
        }
        writeln!(f)?;
        self.tells_model(f)?;
        if let Some(most) = self.most() {
            writeln!(f, "{most}")?;
        }
        for remark in &self.remarks {
            writeln!(f, "{remark}")?;
        }
        Ok(())
    }
}

impl Fit {
    fn tells_model(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.model {
            Model::Line { each, .. } if *each <= 0.0 => writeln!(f, "{NO_MORE}"),
            Model::Line { one, each } => writeln!(
                f,
                "A line: {} messages a second with one process, {} with each more.",
                number(*one),
                number(*each)
            ),
            Model::Law {
                law,
                errors,
                r_squared,
                residual,
            } => {
                let error = |error: Option<f64>, digits: usize| match (errors, error) {
                    (None, _) => String::new(),
                    (_, None) => " (at its bound)".to_owned(),
                    (_, Some(error)) => format!(" ± {error:.digits$}"),
                };
                writeln!(
                    f,
                    "Universal Scalability Law: one process carries λ = {:.0}{} messages a second, \
                     contention σ = {:.4}{}, coherency κ = {:.5}{}.",
                    law.lambda,
                    error(errors.map(|errors| errors.lambda), 0),
                    law.sigma,
                    error(errors.and_then(|errors| errors.sigma), 4),
                    law.kappa,
                    error(errors.and_then(|errors| errors.kappa), 5),
                )?;
                let r_squared = r_squared.map_or_else(String::new, |r| format!(", R² {r:.4}"));
                writeln!(
                    f,
                    "It misses the points by {:.1} % (root mean square){r_squared}; ± is a standard error.",
                    residual * 100.0
                )
            }
        }
    }
}

impl fmt::Display for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = number(self.load);
        let (Some(processes), Some(carry)) = (self.processes, self.carry) else {
            return write!(
                f,
                "No number of processes carries {load} messages a second, by what was measured."
            );
        };
        let carry = number(carry);
        let at_least = if self.is_lower_bound { "at least " } else { "" };
        write!(
            f,
            "{load} messages a second need {at_least}{processes} process{} (carrying {carry})",
            if processes == 1 { "" } else { "es" }
        )?;
        if self.is_extrapolated {
            write!(f, "; {FAR}")?;
        }
        write!(f, ".")
    }
}

impl fmt::Display for Most {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.processes, self.carry) {
            (Some(processes), Some(carry)) => {
                write!(
                    f,
                    "More than {processes} processes carry less: {} messages a second is the most",
                    number(carry)
                )?;
                if self.is_extrapolated {
                    write!(f, "; {FAR}")?;
                }
                write!(f, ".")
            }
            (_, Some(never)) => write!(
                f,
                "More processes always help, but less and less: {} messages a second are never reached.",
                number(never)
            ),
            _ => write!(
                f,
                "Within what was measured, each process brings as much as the first."
            ),
        }
    }
}

const NO_MORE: &str = "More processes carried no more here. Where they share the cores of one machine, with each other or with \
                       the device, that is to be expected: it is the machine that was full.";

const FAR: &str = "this is beyond twice what was measured, and more a guess than an answer";
