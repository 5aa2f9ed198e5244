//! What somebody fills in to get an account, and what a check changes in it.

use chat_fixtures::{
    answer::Answer,
    client::{Client, ClientError},
};
use serde_json::{Value, json};

use crate::{
    cast::PASSWORD,
    check::Failure,
    context::Context,
    expect::{expect, shown},
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
