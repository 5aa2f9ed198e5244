//! What to look at next: one sentence, by the first rule that a run fits.

use crate::{
    cost::bottleneck,
    figure::{amount, as_f64, count, share, time},
    measurement::{Measurement, Second},
    metric::Metric,
    report::{Report, rows::process_name},
    scenario::requests,
};

/// The sentence. The rules stand in the order in which their causes hide each other: a late device makes every
/// other figure doubtful, who has no room or no connection hears nothing, and loss weighs more than delay.
#[must_use]
pub fn of(report: &Report) -> String {
    if report.verdict.is_invalid() {
        return "Look at the device first: give it cores of its own, ask for less, or share the load among several \
                (chat-loadtest worker); then measure again."
            .to_owned();
    }
    let run = &report.measurement;
    RULES
        .iter()
        .find_map(|rule| rule(run))
        .unwrap_or_else(|| nothing_stands_out(report))
}

type Rule = fn(&Measurement) -> Option<String>;

const RULES: &[Rule] = &[
    leaked_or_altered,
    rooms_not_opened,
    connections_failed,
    broken,
    lost_in_one_process,
    lost,
    repeated_or_out_of_order,
    missing_in_history,
    failed_requests,
    refused,
    busy_process,
    unsent,
    between_processes,
    one_slow_process,
    stall,
    device_nearly_late,
];

fn leaked_or_altered(run: &Measurement) -> Option<String> {
    let counts = &run.tally.counts;
    (counts.leaked + counts.altered > 0).then(|| {
        format!(
            "{} messages were heard in a room that was not theirs and {} with another content or sender: look at how the \
             server names its groups, before anything about speed.",
            count(counts.leaked),
            count(counts.altered)
        )
    })
}

fn rooms_not_opened(run: &Measurement) -> Option<String> {
    let opening = run.tally.requests.get(requests::OPENS_A_ROOM)?;
    let failed: u64 = opening.failures.values().sum();
    (failed > 0).then(|| {
        format!(
            "{} could not be opened, and nobody could talk there: look at the server's log for {}, and at whether all \
             URLs are of one deployment.",
            amount(failed, "room"),
            requests::OPENS_A_ROOM
        )
    })
}

fn connections_failed(run: &Measurement) -> Option<String> {
    let failed = run.tally.counts.connect_failures;
    (failed > 0).then(|| {
        format!(
            "{} could not be opened: look at the server's log, its limits of connections and of open files, its accept \
             queue (backlog), and at how dear its sessions are to look up.",
            amount(failed, "connection")
        )
    })
}

fn refused(run: &Measurement) -> Option<String> {
    let refused = run.tally.counts.refused;
    (refused > 0).then(|| {
        format!(
            "{} refused with an error frame: look at what the server takes, its longest message and its limits of a \
             rate.",
            amount(refused, "message")
        )
    })
}

fn unsent(run: &Measurement) -> Option<String> {
    let unsent = run.tally.counts.unsent;
    (unsent > 0).then(|| {
        format!(
            "{} that were due could not be sent: the server took nothing more from those who were to say them; look at \
             what it waits for, or ask for less.",
            amount(unsent, "message")
        )
    })
}

fn lost_in_one_process(run: &Measurement) -> Option<String> {
    let all: u64 = run.tally.processes.iter().map(|process| process.lost).sum();
    let (place, worst) = run
        .tally
        .processes
        .iter()
        .enumerate()
        .max_by_key(|(_, process)| process.lost)?;
    (run.tally.processes.len() > 1 && all > 0 && as_f64(worst.lost) > 0.8 * as_f64(all)).then(|| {
        format!(
            "{} of what was lost was lost by {}: look at that process's log, and at its subscription to the channel layer.",
            share(as_f64(worst.lost) / as_f64(all)),
            process_name(run, place)
        )
    })
}

fn lost(run: &Measurement) -> Option<String> {
    (run.tally.counts.lost + run.tally.counts.too_late > 0).then(|| {
        "Messages were lost: look at the capacity and the expiry of the channel layer's queues, which drop without a word \
         what a slow reader leaves."
            .to_owned()
    })
}

fn repeated_or_out_of_order(run: &Measurement) -> Option<String> {
    let counts = &run.tally.counts;
    (counts.repeated + counts.out_of_order > 0).then(|| {
        "Messages came twice or in another order: look for what resends, and for messages of one room handled by several \
         tasks at once."
            .to_owned()
    })
}

fn broken(run: &Measurement) -> Option<String> {
    let broken = run.tally.counts.broken;
    (broken > 0).then(|| {
        format!(
            "{} ended under way: look at the server's log, its timeouts, and at any proxy between.",
            match broken {
                1 => "1 connection was".to_owned(),
                n => format!("{} connections were", count(n)),
            }
        )
    })
}

fn missing_in_history(run: &Measurement) -> Option<String> {
    let missing = run.tally.counts.missing_in_history;
    (missing > 0).then(|| {
        format!(
            "{} messages that were heard are not in the history: look at whether the server stores before it sends.",
            count(missing)
        )
    })
}

fn failed_requests(run: &Measurement) -> Option<String> {
    let failed = run.tally.counts.failed_requests;
    let worst = run
        .tally
        .requests
        .iter()
        .max_by_key(|(_, kind)| kind.failures.values().sum::<u64>())
        .map_or("REST", |(name, _)| name.as_str());
    (failed > 0).then(|| {
        format!(
            "{} requests failed, most of them {worst}: look at that view's log.",
            count(failed)
        )
    })
}

fn busy_process(run: &Measurement) -> Option<String> {
    let full = bottleneck(&run.server_shares())?;
    Some(format!(
        "{full}: it is the bottleneck; profile it, or add a process and measure again."
    ))
}

fn between_processes(run: &Measurement) -> Option<String> {
    let same = run.tally.times(Metric::SameProcess)?.at(0.99)?;
    let other = run.tally.times(Metric::OtherProcess)?.at(0.99)?;
    (other > FAR * same && other - same > NOTICED).then(|| {
        format!(
            "Through another process p99 is {}, through the same {}: look at the channel layer between the processes.",
            time(other),
            time(same)
        )
    })
}

fn one_slow_process(run: &Measurement) -> Option<String> {
    let mut by_p99: Vec<_> = run
        .tally
        .processes
        .iter()
        .enumerate()
        .filter_map(|(place, process)| Some((process.heard.at(0.99)?, place)))
        .collect();
    by_p99.sort_unstable();
    let ((slowest, place), (next, _)) = (*by_p99.last()?, *by_p99.iter().rev().nth(1)?);
    (slowest > FAR * next && slowest - next > NOTICED).then(|| {
        format!(
            "Through {} p99 is {}, through the next slowest process {}: look at what else that one does.",
            process_name(run, place),
            time(slowest),
            time(next)
        )
    })
}

fn stall(run: &Measurement) -> Option<String> {
    let measured = run.seconds.iter().filter(|second| second.at >= 0);
    let mut longest: Vec<_> = measured
        .filter_map(|second: &Second| Some((second.max_us?, second.at)))
        .collect();
    longest.sort_unstable();
    let (worst, at) = *longest.last()?;
    let (usual, _) = *longest.get(longest.len() / 2)?;
    (longest.len() > 4 && worst > STALL * usual && worst > LONG).then(|| {
        format!(
            "In second {at} a delivery took {}, where in half of the seconds the longest took {} at most: look at what the \
             server did then.",
            time(worst),
            time(usual)
        )
    })
}

fn device_nearly_late(run: &Measurement) -> Option<String> {
    let busiest = run.device.busiest;
    (busiest > 0.7).then(|| {
        format!(
            "The device's busiest thread was on a core {} of its time: for more than this load share it among several.",
            share(busiest)
        )
    })
}

fn nothing_stands_out(report: &Report) -> String {
    if report.verdict.is_within() {
        return "Nothing stands out: search for the most it carries with chat-loadtest capacity."
            .to_owned();
    }
    if report.verdict.stopped.is_some() {
        return "Nothing stands out so far: run it again, to its end.".to_owned();
    }
    let missed = report.verdict.missed().next();
    let subject = missed.map(|judged| judged.threshold.subject.to_string());
    format!(
        "Look at {} over time: whether it grew, the load is more than is carried, or was high all along.",
        subject.as_deref().unwrap_or("the times")
    )
}

/// From how many times another's p99 on a p99 is far above it.
const FAR: u64 = 3;
/// Microseconds below which no difference is worth a look.
const NOTICED: u64 = 5_000;
/// From how many times the usual on the longest of a second is a stall.
const STALL: u64 = 5;
/// Microseconds below which nothing is a stall.
const LONG: u64 = 200_000;
