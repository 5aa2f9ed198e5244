//! Many speaking at once, on all processes: one order for all, nothing lost, nothing repeated.

use std::collections::{BTreeMap, BTreeSet};

use chat_fixtures::people::Person;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    crowd::burst::{Room, all_speak, id_of},
    expect::expect,
};

// Alone, all of them: the original drops what others say while many speak.
checks! {
    PROC_4 => all_processes_show_one_order [Alone],
    PROC_4 => one_process_shows_the_order_of_the_history [Alone],
    PROC_5 => nothing_is_lost_while_many_speak [Alone],
    PROC_5 => nothing_is_repeated_while_many_speak [Alone],
}

async fn all_processes_show_one_order(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let people: [Person; 2] = cx.people().await?;
    let chat = cx.chat_of(&[&people[0], &people[1]]).await?;
    let mut connections = Vec::new();
    for person in &people {
        for process in 0..cx.processes() {
            connections.push(cx.connected(&person.on_process(process), &chat).await?);
        }
    }

    let records = all_speak(connections, CALM).await;

    let [first, others @ ..] = records.as_slice() else {
        return Err(Failure::Broken("nobody spoke".to_owned()));
    };
    for (n, other) in others.iter().enumerate() {
        expect_one_order(&first.heard, &other.heard, &format!("connection {}", n + 1))?;
    }
    Ok(())
}

async fn one_process_shows_the_order_of_the_history(cx: &Context) -> Verdict {
    if cx.behind_balancer() {
        return Err(Failure::NotApplicable(
            "needs the URL of a single process: within it the order is that of the history"
                .to_owned(),
        ));
    }
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut connections = Vec::new();
    for person in [&alice, &bob, &alice, &bob] {
        connections.push(cx.connected(person, &chat).await?);
    }

    let records = all_speak(connections, CALM).await;

    let history = cx.given("read the history", alice.reads(&chat)).await?;
    let history: Vec<_> = history.iter().filter_map(id_of).collect();
    for (n, record) in records.iter().enumerate() {
        expect_one_order(&history, &record.heard, &format!("connection {n}"))?;
    }
    Ok(())
}

async fn nothing_is_lost_while_many_speak(cx: &Context) -> Verdict {
    for room in crowded_rooms(cx).await? {
        let mut all = room.stored.clone();
        all.extend(room.records.iter().flat_map(|record| &record.heard));
        for (n, record) in room.records.iter().enumerate() {
            let heard: BTreeSet<u64> = record.heard.iter().copied().collect();
            let lost: Vec<_> = all.difference(&heard).collect();
            let first = lost.first().map_or_else(String::new, ToString::to_string);
            expect(
                lost.is_empty() || !record.open,
                format!("connection {n} of a room, open all along"),
                format!(
                    "each of the {} messages that were stored or seen",
                    all.len()
                ),
                format!("{} of them are missing, from the id {first} on", lost.len()),
            )?;
        }
    }
    Ok(())
}

async fn nothing_is_repeated_while_many_speak(cx: &Context) -> Verdict {
    for room in crowded_rooms(cx).await? {
        for (n, record) in room.records.iter().enumerate() {
            let mut times = BTreeMap::new();
            for id in &record.heard {
                *times.entry(id).or_insert(0) += 1;
            }
            if let Some((id, times)) = times.iter().find(|(_, times)| **times > 1) {
                return Err(Failure::violation(
                    format!("connection {n} of a room"),
                    "each message once",
                    format!("the message {id} {times} times"),
                ));
            }
        }
    }
    Ok(())
}

/// Crowded rooms after all in them have spoken, once in a run: each check looks there for what its own clause says.
async fn crowded_rooms(cx: &Context) -> Result<&[Room], Failure> {
    let speak = || Room::in_which_all_speak(cx);
    let rooms = cx.crowds().burst.get_or_init(speak).await;
    rooms.as_deref().map_err(Clone::clone)
}

/// What both hold comes in the same order in both.
fn expect_one_order(one: &[u64], other: &[u64], what: &str) -> Verdict {
    let common = |ids: &[u64], among: &[u64]| {
        let among: BTreeSet<u64> = among.iter().copied().collect();
        let mut seen = BTreeSet::new();
        ids.iter()
            .copied()
            .filter(|id| among.contains(id) && seen.insert(*id))
            .collect::<Vec<_>>()
    };
    let (one, other) = (common(one, other), common(other, one));
    let mut places = one.iter().zip(&other).enumerate();
    match places.find(|(_, (one, other))| one != other) {
        None => Ok(()),
        Some((place, (due, came))) => Err(Failure::violation(
            format!(
                "the message that {what} heard in place {place} of {}",
                one.len()
            ),
            format!("message {due}"),
            format!("message {came}"),
        )),
    }
}

/// How many messages each says where only the order matters.
const CALM: usize = 20;

#[cfg(test)]
mod tests {
    use super::expect_one_order;

    #[test]
    fn orders_are_compared_where_both_have_seen_it() {
        assert!(expect_one_order(&[1, 2, 3], &[1, 3], "one who missed a message").is_ok());
        assert!(expect_one_order(&[1, 2], &[1, 1, 2], "one who heard a message twice").is_ok());
        assert!(expect_one_order(&[1, 2, 3], &[1, 3, 2], "one who heard otherwise").is_err());
    }
}
