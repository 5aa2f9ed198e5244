//! What somebody fills in to get an account, and what a check changes in it.

use chat_fixtures::{
    answer::Answer,
    client::{Client, ClientError},
};
use serde_json::{Value, json};

use crate::{
    cast::PASSWORD,
    check::{Failure, Verdict},
    context::Context,
    expect::{expect, expect_refused, shown},
};

/// A registration in which all fields are there and good.
pub(crate) fn good(username: &str) -> Value {
    let plain: String = username
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .collect();
    json!({
        "username": username, "email": format!("{plain}@example.com"), "user_type": "student",
        "password": PASSWORD, "password_confirm": PASSWORD,
    })
}

/// The same with these fields in place of, or beside, its own.
pub(crate) fn with(mut form: Value, changes: &Value) -> Value {
    if let (Some(fields), Some(changes)) = (form.as_object_mut(), changes.as_object()) {
        fields.extend(changes.clone());
    }
    form
}

/// The same without that field.
pub(crate) fn without(mut form: Value, field: &str) -> Value {
    if let Some(fields) = form.as_object_mut() {
        fields.remove(field);
    }
    form
}

/// The same name in wide letters, of which NFKC makes it again.
pub(crate) fn wide(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
            _ => letter,
        })
        .collect()
}

/// Asks for an account.
pub(crate) async fn registers(client: &Client, form: &Value) -> Result<Answer, ClientError> {
    client.post("/api/register/", form).await
}

/// Asks for an account that a check needs and is not about: the User.
pub(crate) async fn given_account(
    cx: &Context,
    client: &Client,
    form: &Value,
) -> Result<Value, Failure> {
    cx.needs_registration()?;
    cx.given("register somebody", async {
        let answer = registers(client, form).await?;
        expect_accepted(&answer, "a good registration")
    })
    .await
}

/// Asks for a session.
pub(crate) async fn logs_in(
    client: &Client,
    username: &str,
    password: &str,
) -> Result<Answer, ClientError> {
    let body = json!({"username": username, "password": password});
    client.post("/api/login/", &body).await
}

/// That who has no session is refused; a check that looks for an end of sessions is not about that.
pub(crate) async fn given_strangers_are_refused(cx: &Context, stranger: &Client) -> Verdict {
    cx.given("tell a session from none", async {
        let answer = stranger.get("/api/me/").await?;
        expect_refused(&answer, "who a stranger is")
    })
    .await
}

/// That a wrong password does not pass; costs a password hash, so it is asked where one has passed that
/// should not have.
pub(crate) async fn given_wrong_passwords_are_refused(cx: &Context, username: &str) -> Verdict {
    cx.given("tell a password from another", async {
        let answer = logs_in(&cx.stranger(), username, "not-the-password-3").await?;
        expect_refused(&answer, "a login with a wrong password")?;
        let nobody = cx.username("nobody");
        let answer = logs_in(&cx.stranger(), &nobody, "not-the-password-3").await?;
        expect_refused(&answer, "a login of an unknown user")
    })
    .await
}

/// The JSON of an answer that is a 2xx; which one is for its own clause to say.
///
/// # Errors
/// A violation that shows status and body.
pub(crate) fn expect_accepted(answer: &Answer, what: &str) -> Result<Value, Failure> {
    expect(accepted(answer), what, "that it succeeds", shown(answer))?;
    Ok(answer.json()?)
}

/// Whether the answer is a 2xx.
pub(crate) fn accepted(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}
