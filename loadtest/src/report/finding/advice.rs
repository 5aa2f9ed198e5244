//! What to do next after a search: one sentence, by its answer.

use super::FindingReport;
use crate::{
    capacity::{Answer, Broke},
    figure::number,
};

pub(super) fn of(report: &FindingReport) -> String {
    let finding = &report.finding;
    let above = finding.missed.map(|load| format!("{}/s", plain(load)));
    let above = above.as_deref().unwrap_or("the same load");
    match finding.answer {
        Answer::DeviceBrokeFirst => DEVICE.to_owned(),
        Answer::OutOfTime | Answer::Interrupted
            if finding.missed.is_some() && finding.broke.is_none() =>
        {
            DEVICE.to_owned()
        }
        Answer::OutOfTime | Answer::Interrupted => match finding.capacity {
            Some(load) => format!(
                "Search again from where this one stood: --start {}/s, with more time (--budget) or shorter probes (--probe).",
                plain(load)
            ),
            None => "Begin lower (--start), or give the search more time (--budget).".to_owned(),
        },
        Answer::NothingBroke => "Go further: raise --max.".to_owned(),
        Answer::NothingHeld => format!(
            "Look at one run at that load: chat-loadtest run … --rate {above} --report html=run.html says what goes wrong."
        ),
        Answer::Found => match (finding.broke, &finding.bottleneck) {
            (Some(Broke::Latency), Some(full)) => format!(
                "{full} at {above}: it is the bottleneck; profile it, or add a process and search again, and let \
                 chat-loadtest scale put the two together."
            ),
            (Some(Broke::Latency), None) => format!(
                "See what is slow just above it: chat-loadtest run … --rate {above} --server-pid PID --report html=run.html; \
                 then add a process and search again, and let chat-loadtest scale put the two together."
            ),
            (Some(Broke::RefusedConnections), _) => {
                "Look at the server's log, its limits of connections and of open files, and its accept queue (backlog): \
                 the messages were not the trouble."
                    .to_owned()
            }
            (Some(Broke::Errors), _) => format!(
                "Look at the server's log for why it ended connections or refused requests at {above}, and at any proxy \
                 between."
            ),
            _ => format!(
                "See what goes missing, and through which process: chat-loadtest run … --rate {above} --report html=run.html."
            ),
        },
    }
}

/// A load as the command line takes it.
fn plain(load: f64) -> String {
    number(load).replace(',', "")
}

const DEVICE: &str = "Look at the device first: give it cores of its own, end what else runs on it, or share the load \
                      among several (chat-loadtest worker); then search again.";
