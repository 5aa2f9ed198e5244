//! The people of a run: registered once, in parallel, and shared, because the original takes a quarter of a
//! second of CPU for each password.

use chat_fixtures::{client::Client, people::Person};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{check::Failure, expect::shown, target::Target};

/// Who plays in the stories.
#[derive(Debug)]
pub struct Cast {
    people: Result<Vec<Person>, Failure>,
    bases: Vec<String>,
}

impl Cast {
    /// Registers the people of a run, so many, and logs them in.
    pub(crate) async fn assemble(target: &Target, prefix: &str, people: usize) -> Self {
        let mut cast = Self {
            people: Ok(Vec::new()),
            bases: target.bases.clone(),
        };
        let newcomers = (0..people).map(|n| {
            let base = target.base(n);
            let client = target.client().at(base).stranger();
            let cast = &cast;
            async move {
                let person = cast.registers(client, &format!("{prefix}cast-{n}")).await?;
                logs_in(&person).await?;
                Ok(person)
            }
        });
        let people = join_all(newcomers).await.into_iter().collect();
        cast.people = people;
        cast
    }

    /// The people, or why there are none.
    pub(crate) fn people(&self) -> Result<&[Person], Failure> {
        self.people.as_deref().map_err(Clone::clone)
    }

    /// A student with that name, registered through that client. Lenient: what exactly the answer has to be
    /// is for the checks about registration.
    pub(crate) async fn registers(
        &self,
        client: Client,
        username: &str,
    ) -> Result<Person, Failure> {
        let body = json!({
            "username": username,
            "email": format!("{username}@example.com"),
            "password": PASSWORD,
            "password_confirm": PASSWORD,
            "user_type": "student",
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
}

/// Opens a session for the person, as leniently.
pub(crate) async fn logs_in(person: &Person) -> Result<(), Failure> {
    let body = json!({"username": person.username, "password": person.password});
    let preparation = async {
        let answer = person.client.post("/api/login/", &body).await?;
        if (200..300).contains(&answer.status) && person.client.session().is_some() {
            return Ok(());
        }
        Err(Failure::violation(
            "login",
            "200 and a session",
            shown(&answer),
        ))
    };
    preparation
        .await
        .map_err(|failure: Failure| failure.in_preparation("log somebody in"))
}

/// Long enough, and like nothing in it, for any password rule a server may have.
pub(crate) const PASSWORD: &str = "correct-horse-9";
