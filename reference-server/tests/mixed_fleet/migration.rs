//! A deployment that changes its programs under people who talk all the while.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chat_fixtures::people::Chat;
use chat_fixtures::stage::Deployment;
use serde_json::Value;
use tokio::time::{Instant, interval, sleep_until};

use crate::ground::Ground;
use crate::participant::{Participant, Record, content_of, id_of};

/// PROC-1, PROC-2, PROC-7 with WS-3, WS-4, WS-10, AUTH-4: from two Daphnes to two processes of ours and back, one at a
/// time. Nobody is logged out; what anybody saw is in the history; everybody has seen all of it, each message
/// once, in the order of its sender, live or by catching up after a reconnect.
pub(crate) async fn from_two_daphnes_to_two_of_ours_and_back(ground: Ground) {
    let mut fleet = ground
        .deployment(vec![ground.django(), ground.django()])
        .await;
    let people = participants(&fleet).await;
    let began = Instant::now();
    let talk_time = talk_time();
    let all_the_while = async {
        let mut timetable = interval(BETWEEN_MESSAGES);
        for number in 0_usize.. {
            timetable.tick().await;
            people[number % PEOPLE].says(&number.to_string());
        }
    };
    let migration = async {
        let steps = [
            (0, ground.ours()),
            (1, ground.ours()),
            (0, ground.django()),
            (1, ground.django()),
        ];
        for (number, (process, program)) in (1..).zip(steps) {
            sleep_until(began + talk_time * number / 5).await;
            fleet.replace(process, program).await;
            // One half comes to the new process, so that both programs have people who talk to each other.
            let half = || people.iter().skip(process).step_by(PROCESSES);
            half().for_each(|person| person.moves(process));
            for person in half() {
                let is_there = |record: &Record| record.process == Some(process);
                person.comes_to("the new process", is_there).await;
            }
        }
        sleep_until(began + talk_time).await;
    };
    tokio::select! {
        () = all_the_while => {}
        () = migration => {}
    }

    let outcome = Outcome::of(&people).await;
    println!(
        "two Daphnes, two of ours, two Daphnes, one process at a time in {:.0?}, on {ground:?}",
        began.elapsed()
    );
    outcome.shows();
}

/// People in rooms of four, each at one of the processes.
async fn participants(fleet: &Deployment) -> Vec<Participant> {
    let mut people = Vec::new();
    for room in 0..PEOPLE / IN_A_ROOM {
        let mut members = Vec::new();
        for member in 0..IN_A_ROOM {
            let name = format!("person{room}-{member}");
            members.push(fleet.people.person(&name).await.unwrap());
        }
        let others: Vec<_> = members.iter().skip(1).collect();
        let chat = members[0].creates_chat_with(&others).await.unwrap();
        for (member, person) in members.iter().enumerate() {
            let process = member % PROCESSES;
            people.push(Participant::enters(person, &chat, process, PROCESSES));
        }
    }
    people
}

/// What everybody has seen, and what the history holds in the end.
#[derive(Default)]
struct Outcome {
    said: usize,
    stored: usize,
    by_catching_up: usize,
    in_doubt: usize,
    untold: usize,
    gaps: Vec<Duration>,
}

impl Outcome {
    /// Waits until nothing is under way, and judges.
    async fn of(people: &[Participant]) -> Self {
        let mut outcome = Self::default();
        for person in people {
            person
                .comes_to("nothing under way", |record| record.under_way.is_empty())
                .await;
        }
        for room in people.chunks(IN_A_ROOM) {
            outcome.adds(room).await;
        }
        outcome
    }

    async fn adds(&mut self, room: &[Participant]) {
        let history = history(&room[0]).await;
        let records: Vec<Record> = room.iter().map(Participant::record).collect();
        let heard: HashSet<u64> = records.iter().flat_map(|one| one.live.clone()).collect();
        let in_doubt: HashSet<String> = records
            .iter()
            .flat_map(|one| one.in_doubt.clone())
            .collect();
        let said_on: HashMap<String, usize> =
            records.iter().flat_map(|one| one.said_on.clone()).collect();
        // A process that ends may have stored what somebody said and have told nobody any more. Whoever was there
        // catches up and sees it; whoever was elsewhere does with the next catching up.
        let (told, untold): (Vec<&Value>, Vec<&Value>) = history
            .iter()
            .partition(|message| heard.contains(&id_of(message)));
        for message in &untold {
            assert!(
                in_doubt.contains(content_of(message)),
                "nobody heard {message}"
            );
        }
        for person in room {
            person
                .comes_to("all that anybody heard", |record| {
                    told.iter()
                        .all(|message| record.ids.contains(&id_of(message)))
                })
                .await;
            person.catches_up();
            person
                .comes_to("the whole history", |record| {
                    record.ids.len() >= history.len()
                })
                .await;
            self.judges(person, &history, &told, &said_on).await;
        }
        self.stored += history.len();
        self.untold += untold.len();
        self.in_doubt += in_doubt.len();
        let lost = in_doubt.iter().filter(|content| {
            !history
                .iter()
                .any(|message| content_of(message) == **content)
        });
        self.said += history.len() + lost.count();
    }

    async fn judges(
        &mut self,
        person: &Participant,
        history: &[Value],
        told: &[&Value],
        said_on: &HashMap<String, usize>,
    ) {
        let record = person.record();
        let name = &person.person.username;
        for message in &record.seen {
            assert!(
                history.contains(message),
                "{name} saw {message}, now missing"
            );
        }
        assert_eq!(record.seen.len(), history.len(), "{name} saw each once");
        assert_eq!(record.repeated, 0, "repeated to {name}");
        assert_eq!(record.logged_out, 0, "{name} was logged out");
        for process in 0..PROCESSES {
            let there = person.person.on_process(process);
            let me = there.client.get("/api/me/").await.unwrap();
            assert_eq!(me.status, 200, "{name} at {process}");
        }
        // In order is what was said on one connection: a process that is slow, or ends, may come to what was said to it
        // after what the same person said to the next one.
        let mut latest = HashMap::new();
        for message in record.seen.iter().filter(|message| told.contains(message)) {
            let number: usize = content_of(message).parse().unwrap();
            let connection = said_on[content_of(message)];
            let former = latest.insert((&message["sender"], connection), number);
            assert!(
                former < Some(number),
                "{name} saw {message} after {former:?}"
            );
        }
        self.by_catching_up += record.seen.len() - record.live.len();
        self.gaps.extend(record.gaps);
    }

    fn shows(mut self) {
        self.gaps.sort_unstable();
        assert!(self.gaps.len() >= PEOPLE, "every step ends connections");
        println!(
            "{PEOPLE} people in {} rooms said {} messages: 0 seen and then missing, 0 logged out, 0 repeated or out of order",
            PEOPLE / IN_A_ROOM,
            self.said,
        );
        println!(
            "{} reconnects took {} ms (p50), {} ms (max) until the client had caught up, the only way for {} messages",
            self.gaps.len(),
            self.gaps[self.gaps.len() / 2].as_millis(),
            self.gaps[self.gaps.len() - 1].as_millis(),
            self.by_catching_up,
        );
        println!(
            "{} were said to a process that ended before it answered: {} of them are in the history, {} of these nobody heard live",
            self.in_doubt,
            self.stored + self.in_doubt - self.said,
            self.untold,
        );
    }
}

async fn history(person: &Participant) -> Vec<Value> {
    let chat: &Chat = &person.chat;
    let mut everywhere = Vec::new();
    for process in 0..PROCESSES {
        everywhere.push(person.person.on_process(process).reads(chat).await.unwrap());
    }
    assert_eq!(everywhere[0], everywhere[1]);
    everywhere.remove(0)
}

/// How long people talk; longer, if the steps take longer.
fn talk_time() -> Duration {
    let seconds = std::env::var("CHAT_MIGRATION_SECONDS");
    Duration::from_secs(seconds.map_or(5, |text| text.parse().unwrap()))
}

const PROCESSES: usize = 2;
const PEOPLE: usize = 20;
const IN_A_ROOM: usize = 4;
const BETWEEN_MESSAGES: Duration = Duration::from_millis(100);
