//! What the reports for people tell, in words: the same in the terminal and on the page.

use serde::Serialize;

use crate::{
    figure::{amount, as_f64, count, number, rate, share},
    measurement::{Load, Measurement, Pace, Rule},
    threshold::counted::{COUNTED, Kind},
    verdict::Judged,
};

mod machine;
mod table;

pub(super) use machine::{device, servers, workers};
pub(super) use table::{
    CELLS, PROCESS_CELLS, ProcessRow, TimesRow, process_name, processes, times,
};

/// What was asked of the server, in one line.
pub(super) fn asked(load: &Load) -> String {
    let rooms = match load.rooms {
        1 => "1 room of".to_owned(),
        n => format!("{} rooms ×", count(n.into())),
    };
    let members = amount(load.members.into(), "member");
    let speaking = match load.pace {
        Pace::Silent => String::new(),
        _ if load.senders >= load.members => ", all of them speaking".to_owned(),
        _ => format!(", {} of them speaking", count(load.senders.into())),
    };
    let size = match load.pace {
        Pace::Silent => String::new(),
        _ => format!(" of {}", amount(load.payload.into(), "byte")),
    };
    format!("{rooms} {members}{speaking}; {}{size}", pace(load.pace))
}

/// When messages are due, in words.
pub(super) fn pace(pace: Pace) -> String {
    match pace {
        Pace::Fixed { per_second } => {
            format!(
                "{} messages a second in all, at even distances,",
                number(per_second)
            )
        }
        Pace::Poisson { per_second } => {
            format!(
                "{} messages a second in all, at random distances,",
                number(per_second)
            )
        }
        Pace::InFlight { per_room } => {
            format!(
                "{} under way in each room,",
                amount(per_room.into(), "message")
            )
        }
        Pace::Silent => "nobody says anything".to_owned(),
    }
}

/// What was measured of a limit.
pub(super) fn stands_at(judged: &Judged) -> String {
    match (&judged.always, judged.measured) {
        (Some(stands_at), _) => format!("always: {stands_at}"),
        (None, Some(_)) => format!("measured: {}", judged.told),
        (None, None) => judged.told.clone(),
    }
}

/// A limit in Goose's own words, said to be one.
pub(super) fn of_goose(rule: &Rule) -> String {
    format!("Goose: {}", rule.rule)
}

/// A label and what is to be said under it.
pub(super) type Fact = (&'static str, String);

/// What was sent and what arrived.
pub(super) fn traffic(run: &Measurement) -> Vec<Fact> {
    let counts = &run.tally.counts;
    let mut facts = Vec::new();
    if counts.sent + counts.due > 0 {
        let due = match run.load.pace {
            Pace::InFlight { .. } => String::new(),
            _ => format!(" of {} due", count(counts.due)),
        };
        let per_second = rate(run.sent_per_second());
        facts.push((
            "sent",
            format!("{}{due} · {per_second}", count(counts.sent)),
        ));
    }
    let owed = run.heard() + counts.lost;
    if owed > 0 {
        facts.push((
            "delivered",
            format!(
                "{} to others and {} own echoes, of {} owed · {}",
                count(counts.delivered),
                count(counts.own_echoes),
                count(owed),
                rate(run.deliveries_per_second())
            ),
        ));
    }
    if counts.caught_up > 0 {
        facts.push((
            "caught up",
            format!(
                "{} by the history, after coming back",
                count(counts.caught_up)
            ),
        ));
    }
    if counts.in_history > 0 {
        facts.push((
            "history",
            format!("{} compared", amount(counts.in_history, "message")),
        ));
    }
    let open = counts.connected.max(run.device.connections);
    if open > 0 {
        let at_most = count(run.device.connections);
        facts.push((
            "connections",
            format!("{} opened, {at_most} at a time", count(open)),
        ));
    }
    if counts.requests > 0 {
        facts.push(("REST", amount(counts.requests, "request")));
    }
    facts
}

/// Something bad that happened: `12 lost (0.01 % of what was owed)`.
#[derive(Debug, Serialize)]
pub(super) struct Bad {
    pub(super) text: String,
    pub(super) meaning: &'static str,
    pub(super) is_wrong: bool,
}

/// What was bad, worst first, and the words for all that could have happened and did not.
pub(super) fn bad(run: &Measurement) -> (Vec<Bad>, Vec<&'static str>) {
    let (mut found, mut none) = (Vec::new(), Vec::new());
    for kind in [Kind::Wrong, Kind::Trouble] {
        for counted in COUNTED.iter().filter(|counted| counted.kind == kind) {
            let (n, whole) = (counted.count(run), counted.whole(run));
            if n == 0 {
                none.extend((whole > 0).then_some(counted.words));
                continue;
            }
            let part = counted
                .of
                .filter(|_| whole > 0)
                .map(|of| format!(" ({} of {of})", share(as_f64(n) / as_f64(whole))));
            found.push(Bad {
                text: format!("{} {}{}", count(n), counted.words, part.unwrap_or_default()),
                meaning: counted.meaning,
                is_wrong: kind == Kind::Wrong,
            });
        }
    }
    (found, none)
}
