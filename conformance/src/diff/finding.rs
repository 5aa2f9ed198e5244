//! What was found: differences by their causes, each with the least story that shows it.

use std::collections::BTreeMap;

use chat_fixtures::replay::{Case, Exchange, Live, Request};

use super::{
    allow::Permit,
    play::{Cause, EVERYWHERE, causes},
    step::{line, prepares_somebody},
};
use crate::{plan::Plan, property::Draw};

/// Where a question comes from, and so what there is that is smaller.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A recording: the story is a question of it by itself.
    Recorded,
    /// A kind of question, as it was drawn.
    Drawn(Draw<Vec<Case>>),
    /// A plan.
    Planned(Plan),
}

/// One question that both answer otherwise.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// Where it comes from.
    pub(super) source: Source,
    /// `recorded/login list body`, `generated/WS-14/any_json_that_is_no_object`.
    pub(super) question: String,
    /// The clause it belongs to.
    pub(super) clause: Option<String>,
    /// What is asked; the last step shows it.
    pub(super) story: Vec<Case>,
    /// What both said to that.
    pub(super) exchange: Exchange,
    /// Whether the story was seen to show it by itself, and not only among other questions.
    pub(super) is_whole: bool,
    /// Who allows it.
    pub(super) permit: Option<Permit>,
}

/// Differences that have one cause, as far as one can tell.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The cause.
    pub(super) cause: Cause,
    /// Who allows them all.
    pub(super) permit: Option<Permit>,
    /// How often it was found.
    pub(super) count: usize,
    /// The questions that show it, some of them.
    pub(super) questions: Vec<String>,
    /// The one that takes least.
    pub(super) least: Finding,
    /// The one that takes least of each kind of question.
    pub(super) examples: Vec<Finding>,
}

/// All that was found, and how much was asked.
#[derive(Debug, Default)]
pub(super) struct Findings {
    groups: BTreeMap<(Option<Permit>, Cause), Group>,
    /// How many recorded questions both were asked.
    pub(super) recorded: usize,
    /// How many generated ones.
    pub(super) generated: usize,
    /// The questions that could not be asked of either, and why.
    pub(super) unasked: Vec<(String, String)>,
}

impl Finding {
    /// The causes of it.
    pub(super) fn causes(&self) -> Vec<Cause> {
        let places = &self.exchange.places;
        let last = self.story.last();
        last.map_or_else(Vec::new, |case| causes(case, places))
    }

    /// How many steps it takes beyond those that put people in their places.
    pub(super) fn steps(&self) -> usize {
        steps(&self.story)
    }

    /// What makes one story less than another: that it is whole, fewer steps, fewer in all, fewer characters.
    pub(super) fn size(&self) -> (bool, usize, usize, usize) {
        let told = self.story.iter().map(|step| line(step).len()).sum();
        (!self.is_whole, self.steps(), self.story.len(), told)
    }
}

/// How many of the steps ask something. That people register, log in, make a chat and connect to it puts them in
/// their places; it is a step only where it is the last one, at which the difference shows.
pub(super) fn steps(story: &[Case]) -> usize {
    let listens = |step: &Case| matches!(step.request, Request::Live(Live::Listens));
    let last = story.iter().rposition(|step| !listens(step)).unwrap_or(0);
    let counts = |(n, step): (usize, &Case)| {
        let puts_in_place = prepares_somebody(step) || makes_a_chat(step) || connects(step);
        !listens(step) && (n == last || !puts_in_place)
    };
    story.iter().enumerate().filter(|one| counts(*one)).count()
}

fn makes_a_chat(step: &Case) -> bool {
    matches!(&step.request, Request::Rest(rest) if rest.method == "POST" && rest.path == "/api/chats/")
}

fn connects(step: &Case) -> bool {
    matches!(step.request, Request::Live(Live::Opens { .. }))
}

impl Findings {
    /// Adds one to the groups of its causes.
    pub(super) fn add(&mut self, finding: &Finding) {
        for cause in finding.causes() {
            let key = (finding.permit.clone(), cause.clone());
            let group = self.groups.entry(key).or_insert_with(|| Group {
                cause,
                permit: finding.permit.clone(),
                count: 0,
                questions: Vec::new(),
                least: finding.clone(),
                examples: Vec::new(),
            });
            group.count += 1;
            if !group.questions.contains(&finding.question) {
                group.questions.push(finding.question.clone());
            }
            group.keeps(finding);
        }
    }

    /// The groups, those that nobody allows first. One header that is otherwise in the answers to many kinds of
    /// requests is one cause.
    pub(super) fn grouped(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for group in self.groups.values() {
            let is_header = group.cause.at.starts_with("headers/");
            let alike = |other: &Group| {
                other.permit == group.permit
                    && other.cause.at == group.cause.at
                    && other.cause.parts == group.cause.parts
            };
            let kinds = self.groups.values().filter(|other| alike(other)).count();
            if !is_header || kinds < MANY {
                groups.push(group.clone());
                continue;
            }
            match groups.iter_mut().find(|other| alike(other)) {
                Some(all) => all.takes_in(group),
                None => {
                    let mut all = group.clone();
                    all.cause.asked = EVERYWHERE.to_owned();
                    groups.push(all);
                }
            }
        }
        groups
    }
}

impl Group {
    /// `POST /api/login/: body/error otherwise`.
    pub(super) fn id(&self) -> String {
        self.cause.to_string()
    }

    fn takes_in(&mut self, other: &Self) {
        self.count += other.count;
        self.questions.extend(other.questions.iter().cloned());
        for example in &other.examples {
            self.keeps(example);
        }
    }

    /// Keeps a finding if it is the least, or the least of its kind of question: what shows among others is not
    /// always what causes it.
    fn keeps(&mut self, finding: &Finding) {
        if finding.size() < self.least.size() {
            self.least = finding.clone();
        }
        let is_recorded = matches!(finding.source, Source::Recorded);
        let same_kind = |other: &&mut Finding| {
            other.question == finding.question
                || (is_recorded && matches!(other.source, Source::Recorded))
        };
        match self.examples.iter_mut().find(same_kind) {
            Some(other) if finding.size() < other.size() => *other = finding.clone(),
            Some(_) => {}
            None => self.examples.push(finding.clone()),
        }
    }
}

/// In the answers to how many kinds of requests a header has to be otherwise to be so everywhere.
const MANY: usize = 3;

#[cfg(test)]
mod tests {
    use chat_fixtures::replay::{Parts, Place};
    use serde_json::Value;

    use super::*;
    use crate::diff::step::{connects, logs_in, makes_chat, registers, rest, says};

    fn finding(question: &str, story: Vec<Case>, at: &[&str]) -> Finding {
        let places = at.iter().map(|at| Place {
            at: (*at).to_owned(),
            parts: Parts::Otherwise,
            reason: String::new(),
        });
        Finding {
            source: Source::Recorded,
            question: question.to_owned(),
            clause: None,
            story,
            exchange: Exchange {
                original: Value::Null,
                candidate: Value::Null,
                places: places.collect(),
                is_as_meant: false,
                unasked: None,
            },
            is_whole: true,
            permit: None,
        }
    }

    fn gets(path: &str) -> Case {
        rest("alice", "GET", path, |_| {})
    }

    #[test]
    fn one_cause_is_one_group_with_the_least_story() {
        let mut findings = Findings::default();
        let long = vec![gets("/api/chats/"), gets("/api/me/")];
        findings.add(&finding("a", long, &["body/0/id", "body/1/id"]));
        findings.add(&finding("b", vec![gets("/api/me/")], &["body/7/id"]));
        // With another status all else is another answer.
        let failed = finding("c", vec![gets("/api/me/")], &["body/detail", "status"]);
        findings.add(&failed);
        let groups = findings.grouped();
        let ids: Vec<_> = groups
            .iter()
            .map(|group| (group.id(), group.count))
            .collect();
        let id = |text: &str, count| (format!("GET /api/me/: {text} otherwise"), count);
        assert_eq!(ids, [id("body/*/id", 2), id("status", 1)]);
        assert_eq!(groups[0].least.question, "b");
    }

    #[test]
    fn a_header_that_is_otherwise_everywhere_is_one_group() {
        let mut findings = Findings::default();
        for path in ["/api/me/", "/api/chats/", "/api/messages/"] {
            findings.add(&finding(path, vec![gets(path)], &["headers/vary"]));
        }
        let groups = findings.grouped();
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].id(), "any request: headers/vary otherwise");
        assert_eq!(groups[0].count, 3);
    }

    #[test]
    fn who_is_in_their_place_has_taken_no_step() {
        let frame = || says(1, "{}".into());
        let placed = || {
            let chat = makes_chat("alice", 1, "chat", &[]);
            vec![
                registers("alice"),
                logs_in("alice"),
                chat,
                connects("alice", 1, 1),
            ]
        };
        assert_eq!(steps(&[placed(), vec![frame()]].concat()), 1);
        assert_eq!(steps(&placed()), 1, "the last step is one");
        assert_eq!(
            steps(&[registers("alice"), gets("/api/me/"), logs_in("alice")]),
            2
        );
    }
}
