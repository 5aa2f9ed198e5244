//! Registration, login, logout, and who one is (REG-*, AUTH-*).

use std::sync::Arc;

use http::StatusCode;
use serde_json::json;

use crate::app::App;
use crate::authentication::Caller;
use crate::rest::Call;
use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::session::{self, SessionData};
use crate::store::{Account, NewUser, StoredSession};
use crate::timestamp::Timestamp;
use crate::validate::{self, Credentials, FieldErrors, Registration};

/// `POST /api/register/`. Opens no session.
pub(super) async fn register(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let app = call.app;
    let body = call.data().await?;
    let taken = match validate::requested_username(body) {
        Some(name) => app.store.account_named(&name).await?.is_some(),
        None => false,
    };
    let Registration {
        username,
        email,
        password,
        user_type,
    } = validate::registration(body, taken)?;
    let password = app.hasher.hash(&password).await?;
    let user = NewUser {
        username,
        email,
        user_type,
        password,
    };
    match app.store.create_user(user).await? {
        Some(user) => Ok(Reply::json(StatusCode::CREATED, &user)),
        None => Err(FieldErrors::username_taken().into()),
    }
}

/// `POST /api/login/`.
pub(super) async fn login(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let app = call.app;
    let credentials =
        validate::credentials(call.data().await?)?.ok_or(Refusal::InvalidCredentials)?;
    let account = authenticate(app, credentials)
        .await?
        .ok_or(Refusal::InvalidCredentials)?;
    open_session(call, &account).await?;
    call.visitor.give_new_csrf_secret(app);
    Ok(Reply::json(StatusCode::OK, &*account.user))
}

/// `POST /api/logout/`.
pub(super) async fn logout(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    if let Some(caller) = call.visitor.caller.take() {
        call.app.end_session(&caller.key).await?;
    }
    call.visitor.forget_session();
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"message": "Logged out successfully"}),
    ))
}

/// `GET /api/me/`.
pub(super) fn me(call: &Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(StatusCode::OK, &**call.user()?))
}

/// The account, if the password is its own and it may log in. A refusal takes the time of one hash,
/// whatever the reason (AUTH-2p).
async fn authenticate(app: &App, credentials: Credentials) -> Result<Option<Account>, Refusal> {
    let Credentials { username, password } = credentials;
    let Some(mut account) = app.store.account_named(&username).await? else {
        app.hasher.waste(&password).await?;
        return Ok(None);
    };
    let verdict = app.hasher.verify(&password, &account.password).await?;
    if !verdict.matches || !account.is_active {
        return Ok(None);
    }
    app.store
        .record_login(account.user.id, verdict.rehashed.clone())
        .await?;
    // The session's hash covers the password column, so it must be made of the new one.
    account.password = verdict.rehashed.unwrap_or(account.password);
    Ok(Some(account))
}

/// Opens a session as INTEROP §6.6: the same user's live one is renewed, somebody else's is thrown
/// away, and the data of one that is nobody's goes on under a new key, so that no planted key is adopted.
async fn open_session(call: &mut Call<'_>, account: &Account) -> Result<(), Refusal> {
    let (app, now) = (call.app, Timestamp::now());
    let secret = &app.settings.secret_key;
    let stored = |data: &SessionData| StoredSession {
        data: data.encode(now, secret),
        expires: now.plus_seconds(session::COOKIE_AGE),
    };
    if let Some(own) = call
        .visitor
        .caller
        .as_ref()
        .filter(|caller| is_of(caller, account, secret))
    {
        if !app
            .store
            .update_session(&own.key, stored(&own.data))
            .await?
        {
            return Err(Refusal::SessionInterrupted);
        }
        let key = Arc::clone(&own.key);
        call.visitor.give_session(&key, now, app);
        return Ok(());
    }
    let old = call
        .visitor
        .session_key()
        .filter(|key| session::is_plausible_key(key))
        .map(str::to_owned);
    let mut data = match &old {
        Some(key) if call.visitor.caller.is_none() => data_of_nobody(app, key).await?,
        _ => SessionData::default(),
    };
    data.log_in(account.user.id, &account.password, secret);
    let key = session::new_key();
    app.open_session(&key, stored(&data), old.as_deref())
        .await?;
    call.visitor.give_session(&key, now, app);
    Ok(())
}

/// Whether the session is the account's own, also by the password column it has since this login.
fn is_of(caller: &Caller, account: &Account, secret: &str) -> bool {
    caller.account.user.id == account.user.id
        && caller.data.is_vouched_for(&account.password, secret)
}

/// What lies in a session before anyone logged in; nothing if it names somebody.
async fn data_of_nobody(app: &App, key: &str) -> Result<SessionData, Refusal> {
    let stored = app.store.session(key).await?;
    let data =
        stored.and_then(|stored| SessionData::decode(&stored.data, &[&app.settings.secret_key]));
    Ok(data
        .filter(|data| !data.as_map().contains_key("_auth_user_id"))
        .unwrap_or_default())
}
