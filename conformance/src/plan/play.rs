//! Plays a plan on a server, and compares each step with the model.

mod live;
mod request;
mod views;

use std::{collections::BTreeMap, time::Duration};

use chat_fixtures::{
    answer::Answer,
    client::Ask,
    people::{Chat, Connection, Person},
};
use serde_json::{Value, json};

use super::{Move, Plan, Step, Who};
use crate::{
    cast::PASSWORD,
    check::{Failure, Mismatch},
    context::Context,
    expect::{expect, shown},
    model::{Expected, Model},
    shape::core_of,
};

/// Where a server does otherwise than the model.
#[derive(Debug, Clone)]
pub struct Difference {
    /// At which step, counted from 0.
    pub step: usize,
    /// What was looked at.
    pub what: String,
    /// What the model does.
    pub expected: String,
    /// What the server did.
    pub actual: String,
}

/// What is judged; what is not has to be as the model says, too, or the plan cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Every step.
    All,
    /// Who may connect, and who hears what.
    Frames,
}

/// What the numbers of a plan stand for on the server.
struct Stage<'a> {
    cx: &'a Context,
    people: BTreeMap<Who, Person>,
    chats: BTreeMap<u32, Chat>,
    creators: BTreeMap<u32, Who>,
    connections: BTreeMap<u32, Connection>,
    /// The messages as they were first seen: id, chat, sender, content, timestamp.
    messages: Vec<Value>,
    patience: Option<Duration>,
}

/// Plays it: where it differs, if anywhere.
pub(super) async fn play(
    cx: &Context,
    plan: &Plan,
    subject: Subject,
    patience: Option<Duration>,
) -> Result<Result<(), Difference>, Failure> {
    let mut stage = Stage::new(cx, plan, patience).await?;
    let mut model = Model::new();
    let mut outcome = Ok(Ok(()));
    for (n, step) in plan.steps.iter().enumerate() {
        let Some(expected) = model.apply(step) else {
            continue;
        };
        match stage.plays(step, &expected, &model).await {
            Ok(()) => {}
            Err(failure @ Failure::Violation(_))
                if subject == Subject::Frames && !step.does.is_live() =>
            {
                outcome = Err(failure.in_preparation(&format!("go on ({step})")));
                break;
            }
            Err(Failure::Violation(Mismatch {
                what,
                expected,
                actual,
            })) => {
                outcome = Ok(Err(Difference {
                    step: n,
                    what,
                    expected,
                    actual,
                }));
                break;
            }
            Err(other) => {
                outcome = Err(other);
                break;
            }
        }
    }
    stage.tidies_up().await;
    outcome
}

impl<'a> Stage<'a> {
    async fn new(
        cx: &'a Context,
        plan: &Plan,
        patience: Option<Duration>,
    ) -> Result<Self, Failure> {
        let shared = cx.people::<4>().await?;
        let mut people: BTreeMap<_, _> = Who::ALL.into_iter().zip(shared).collect();
        let new = plan
            .steps
            .iter()
            .map(|step| step.who)
            .filter(|who| who.is_new());
        for who in new {
            people.entry(who).or_insert_with(|| {
                let name = cx.username(who.name());
                // The id comes with the registration; until then nobody has this one.
                Person::known(cx.stranger(), cx.bases(), 0, &name, PASSWORD)
            });
        }
        Ok(Self {
            cx,
            people,
            chats: BTreeMap::new(),
            creators: BTreeMap::new(),
            connections: BTreeMap::new(),
            messages: Vec::new(),
            patience,
        })
    }

    async fn plays(
        &mut self,
        step: &Move,
        expected: &Expected,
        model: &Model,
    ) -> Result<(), Failure> {
        match &step.does {
            Step::Connect { chat, connection } => {
                return self.connects(step, *chat, *connection, expected).await;
            }
            Step::Say {
                connection,
                content,
            } => return self.says(*connection, content, expected, model).await,
            Step::Disconnect { connection } => {
                if let Some(connection) = self.connections.remove(connection) {
                    connection.socket.close().await;
                }
                // What the server does about it, it does before it answers the next request.
                self.person(step)?.client.get("/api/me/").await?;
                return Ok(());
            }
            _ => {}
        }
        let answer = self.person(step)?.client.ask(self.ask(step)?).await?;
        let done = (200..300).contains(&answer.status);
        match expected {
            Expected::Refused => {
                let refused = (400..500).contains(&answer.status);
                expect(refused, "the answer", "a refusal (4xx)", shown(&answer))
            }
            _ if !done => expect(false, "the answer", "that it is done (2xx)", shown(&answer)),
            Expected::Done => Ok(()),
            Expected::User(who) => self.sees_user(*who, &step.does, &answer),
            Expected::Chat(view) => {
                let body = answer.json()?;
                if let (Step::Create { chat, .. }, Some(id)) = (&step.does, body["id"].as_u64()) {
                    self.creators.insert(*chat, step.who);
                    self.chats.insert(
                        *chat,
                        Chat {
                            id,
                            body: body.clone(),
                        },
                    );
                }
                let chats = self.views(&[body]);
                self.same(
                    chats,
                    self.expected_views(std::slice::from_ref(view)),
                    "the chat",
                )
            }
            Expected::Chats(views) => {
                let body = answer.json()?;
                let own = self.of_the_plan(&body, "id");
                self.same(self.views(&own), self.expected_views(views), "the chats")
            }
            Expected::Messages(numbers) => {
                let body = answer.json()?;
                let own = self.of_the_plan(&body, "chat");
                let messages = own.iter().map(core_of).collect::<Vec<_>>();
                self.same(
                    messages.into(),
                    self.expected_messages(numbers),
                    "the messages",
                )
            }
            Expected::Said(number, _) => {
                let message = answer.json()?;
                self.learns(*number, &message, model)
            }
        }
    }

    /// A message is seen for the first time: it has to be the one that was sent.
    fn learns(&mut self, number: usize, message: &Value, model: &Model) -> Result<(), Failure> {
        let Some(said) = model.message(number) else {
            return Err(Failure::Broken("a message that was never sent".to_owned()));
        };
        let chat = self.chats.get(&said.chat).map(|chat| chat.id);
        let sender = self.people.get(&said.sender).map(|person| person.id);
        let expected = json!({
            "id": message["id"],
            "chat": chat,
            "sender": sender,
            "content": said.content,
            "timestamp": message["timestamp"],
        });
        self.messages.push(core_of(message));
        self.same(core_of(message), expected, "the message")
    }

    fn sees_user(&mut self, who: Who, does: &Step, answer: &Answer) -> Result<(), Failure> {
        let user = answer.json()?;
        let Some(person) = self.people.get_mut(&who) else {
            return Err(Failure::Broken("nobody of that name".to_owned()));
        };
        if let (Step::Register, Some(id)) = (does, user["id"].as_u64()) {
            person.id = id;
        }
        let expected = json!([person.id, person.username]);
        self.same(json!([user["id"], user["username"]]), expected, "the user")
    }

    fn person(&self, step: &Move) -> Result<Person, Failure> {
        let person = self.people.get(&step.who);
        let person = person.ok_or_else(|| Failure::Broken("nobody of that name".to_owned()))?;
        Ok(person.on_process(self.cx.home() + step.on))
    }

    /// Closes the connections and removes the chats.
    async fn tidies_up(self) {
        for (_, connection) in self.connections {
            connection.socket.close().await;
        }
        for (number, chat) in &self.chats {
            let creator = self.creators.get(number);
            if let Some(person) = creator.and_then(|who| self.people.get(who)) {
                let gone = Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
                // What cannot be removed is tried again when the run is over.
                let _ = person.client.ask(gone).await;
            }
        }
    }
}
