//! The suite's stateful plans as stories: the same steps in the language of recordings.

use chat_fixtures::replay::{Case, Lines, Live, Request};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::step::{case, connects, logs_in, makes_chat, registers, rest, says, sends};
use crate::plan::{Move, Plan, Scope, Step, Who};

/// One kind of plan.
#[derive(Debug)]
pub(super) struct PlanKind {
    /// The clause that is most at stake.
    pub(super) clause: &'static str,
    pub(super) name: &'static str,
    pub(super) scope: Scope,
}

/// Every kind of plan.
pub(super) const PLANS: &[PlanKind] = &[
    PlanKind {
        clause: "HIST-2",
        name: "any_sequence_of_requests",
        scope: Scope {
            sockets: false,
            accounts: true,
            processes: 1,
        },
    },
    PlanKind {
        clause: "WS-3",
        name: "any_sequence_with_connections",
        scope: Scope {
            sockets: true,
            accounts: false,
            processes: 1,
        },
    },
];

impl PlanKind {
    /// `generated/WS-3/any_sequence_with_connections`.
    pub(super) fn id(&self) -> String {
        format!("generated/{}/{}", self.clause, self.name)
    }

    /// The `n`-th plan of a seed.
    pub(super) fn drawn(&self, seed: u64, n: u32) -> Plan {
        Plan::drawn(&self.id(), seed, n, self.scope)
    }
}

/// The plan's steps, and at the end what everybody has heard.
pub(super) fn steps(plan: &Plan) -> Vec<Case> {
    let mut steps: Vec<_> = plan.steps.iter().flat_map(told).collect();
    if plan.steps.iter().any(|step| step.does.is_live()) {
        steps.push(case(Request::Live(Live::Listens), Value::Null));
    }
    steps
}

/// The plan without the steps after the one that the `at`-th of its story belongs to.
pub(super) fn cut_after(plan: &Plan, at: usize) -> Plan {
    let mut told_so_far = 0;
    let steps = plan.steps.iter().take_while(|step| {
        let begins = told_so_far;
        told_so_far += told(step).len();
        begins <= at
    });
    Plan {
        steps: steps.cloned().collect(),
        ..plan.clone()
    }
}

/// What a step is to both. After a logout the session is tried once more: its cookie is gone, but not from memory.
fn told(taken: &Move) -> Vec<Case> {
    let mut steps = vec![step(taken)];
    if taken.does == Step::Logout {
        let who = taken.who.name();
        steps.push(rest(who, "GET", "/api/me/", |rest| {
            let cookie = format!("sessionid=<{who}'s session>");
            rest.headers.insert("Cookie".to_owned(), Lines::One(cookie));
        }));
    }
    steps
}

fn step(step: &Move) -> Case {
    let who = step.who.name();
    let asks = |method: &str, path: &str| rest(who, method, path, |_| {});
    match &step.does {
        Step::Register => registers(who),
        Step::Login => logs_in(who),
        Step::Logout => sends(who, "POST", "/api/logout/", &json!({})),
        Step::Me => asks("GET", "/api/me/"),
        Step::Chats => asks("GET", "/api/chats/"),
        Step::Messages => asks("GET", "/api/messages/"),
        Step::Create { chat, name, with } => {
            let with: Vec<_> = with.iter().map(|who: &Who| who.name()).collect();
            makes_chat(who, *chat, name, &with)
        }
        Step::Rename { chat, name } => {
            let body = json!({"name": name});
            sends(who, "PATCH", &format!("/api/chats/<chat {chat}>/"), &body)
        }
        Step::Delete { chat } => asks("DELETE", &format!("/api/chats/<chat {chat}>/")),
        Step::Look { chat } => asks("GET", &format!("/api/chats/<chat {chat}>/")),
        Step::History { chat } => asks("GET", &format!("/api/chats/<chat {chat}>/messages/")),
        Step::Post { chat, content } => {
            let path = format!("/api/chats/<chat {chat}>/send_message/");
            sends(who, "POST", &path, &json!({"content": content}))
        }
        Step::Connect { chat, connection } => connects(who, *connection, *chat),
        Step::Say {
            connection,
            content,
        } => {
            let frame = json!({"content": content}).to_string();
            says(*connection, Message::text(frame))
        }
        Step::Disconnect { connection } => {
            let connection = *connection;
            case(Request::Live(Live::Ends { connection }), Value::Null)
        }
    }
}
