//! The people of a run: registered once (or given), in parallel, and shared, because the original takes a
//! quarter of a second of CPU for each password.

use std::sync::{Mutex, PoisonError};

use chat_fixtures::{
    answer::Answer,
    client::{Client, ClientError},
    people::Person,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{accounts::Account, check::Failure, expect::shown, target::Target};

/// Who plays in the stories.
#[derive(Debug)]
pub struct Cast {
    people: Result<Vec<Person>, Failure>,
    bases: Vec<String>,
    /// Registration is closed: the people were given.
    closed: bool,
    /// The given ones whom the server does not let in.
    strangers: Mutex<Vec<Stranger>>,
}

/// An account that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// Its name.
    pub(crate) username: String,
    /// Its line in the file of accounts.
    pub(crate) line: usize,
    /// What its login was answered with.
    pub(crate) status: u16,
}

impl Cast {
    /// Registers the people of a run, so many, and logs them in; where there are accounts to use, it logs those in.
    pub(crate) async fn assemble(target: &Target, prefix: &str, size: usize) -> Self {
        let mut cast = Self {
            people: Ok(Vec::new()),
            bases: target.bases.clone(),
            closed: target.accounts.is_some(),
            strangers: Mutex::default(),
        };
        let client = |n| target.client().at(target.base(n)).stranger();
        let people = match &target.accounts {
            Some(accounts) => {
                let cast = &cast;
                let known = accounts.iter().take(size).enumerate().map(|(n, account)| {
                    let client = client(n);
                    async move { cast.knows(client, account).await }
                });
                join_all(known).await
            }
            None => {
                let cast = &cast;
                let newcomers = (0..size).map(|n| {
                    let client = client(n);
                    async move {
                        let username = format!("{prefix}cast-{n}");
                        let user_type = USER_TYPES[n % USER_TYPES.len()];
                        let person =
                            match cast.registers(client.clone(), &username, user_type).await {
                                // That there are other types is for the checks about registration.
                                Err(_) if user_type != USER_TYPES[0] => {
                                    cast.registers(client, &username, USER_TYPES[0]).await?
                                }
                                registered => registered?,
                            };
                        logs_in(&person).await?;
                        Ok(person)
                    }
                });
                join_all(newcomers).await
            }
        };
        cast.people = people.into_iter().collect();
        cast
    }

    /// The people, or why there are none.
    pub(crate) fn people(&self) -> Result<&[Person], Failure> {
        self.people.as_deref().map_err(Clone::clone)
    }

    /// The given accounts that the server refuses to log in.
    pub(crate) fn strangers(&self) -> Vec<Stranger> {
        let strangers = self.strangers.lock();
        strangers.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// That somebody new may be registered in this run.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] where registration is closed.
    pub(crate) fn takes_newcomers(&self) -> Result<(), Failure> {
        if self.closed {
            return Err(Failure::NotApplicable(
                "needs open registration: the run uses --accounts".to_owned(),
            ));
        }
        Ok(())
    }

    /// Somebody of that name and type, registered through that client. Lenient: what exactly the answer has to be
    /// is for the checks about registration.
    pub(crate) async fn registers(
        &self,
        client: Client,
        username: &str,
        user_type: &str,
    ) -> Result<Person, Failure> {
        self.takes_newcomers()?;
        let body = json!({
            "username": username,
            "email": format!("{username}@example.com"),
            "password": PASSWORD,
            "password_confirm": PASSWORD,
            "user_type": user_type,
        });
        let preparation = async {
            let answer = client.post("/api/register/", &body).await?;
            // A session that a registration opens by mistake is not for the stories to use.
            client.forget_cookie("sessionid");
            let id = answer.json()?.get("id").and_then(Value::as_u64);
            match id {
                Some(id) if (200..300).contains(&answer.status) => Ok(id),
                _ => Err(Failure::violation(
                    "registration",
                    "201 and a User",
                    shown(&answer),
                )),
            }
        };
        let id = preparation
            .await
            .map_err(|failure: Failure| failure.in_preparation("register somebody"))?;
        Ok(Person::known(client, &self.bases, id, username, PASSWORD))
    }

    /// Somebody with an account, logged in. The id is what `GET /api/me/` says.
    async fn knows(&self, client: Client, account: &Account) -> Result<Person, Failure> {
        let Account {
            username,
            password,
            line,
        } = account;
        let person = |id| Person::known(client.clone(), &self.bases, id, username, password);
        let asked = client.post("/api/login/", &login(&person(0))).await;
        if let Ok(answer) = &asked
            && matches!(answer.status, 400 | 401 | 403)
        {
            let mut strangers = self
                .strangers
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            strangers.push(Stranger {
                username: username.clone(),
                line: *line,
                status: answer.status,
            });
        }
        is_let_in(&person(0), asked)?;
        let me = async {
            let answer = client.get("/api/me/").await?;
            match answer.json()?.get("id").and_then(Value::as_u64) {
                Some(id) => Ok(id),
                None => Err(Failure::violation("who it is", "a User", shown(&answer))),
            }
        };
        let id = me
            .await
            .map_err(|failure: Failure| failure.in_preparation("ask who somebody is"))?;
        Ok(person(id))
    }
}

/// Opens a session for the person, as leniently.
pub(crate) async fn logs_in(person: &Person) -> Result<(), Failure> {
    let asked = person.client.post("/api/login/", &login(person)).await;
    is_let_in(person, asked)
}

fn login(person: &Person) -> Value {
    json!({"username": person.username, "password": person.password})
}

fn is_let_in(person: &Person, asked: Result<Answer, ClientError>) -> Result<(), Failure> {
    let let_in = asked.map_err(Failure::from).and_then(|answer| {
        if (200..300).contains(&answer.status) && person.client.session().is_some() {
            return Ok(());
        }
        Err(Failure::violation(
            "login",
            "200 and a session",
            shown(&answer),
        ))
    });
    let_in.map_err(|failure| failure.in_preparation("log somebody in"))
}

/// The types of users (REG-2). A cast has them in turn, so that three who follow each other are of all: what is one's
/// own to see is no matter of type.
pub(crate) const USER_TYPES: [&str; 3] = ["student", "staff", "owner"];

/// Long enough, and like nothing in it, for any password rule a server may have.
pub(crate) const PASSWORD: &str = "correct-horse-9";
