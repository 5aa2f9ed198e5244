//! Who a session key speaks for, at every door alike (INTEROP §6.4).

use std::sync::{Arc, Once};

use crate::app::App;
use crate::session::{self, SessionData};
use crate::store::{Account, StoreError};
use crate::timestamp::Timestamp;

/// Someone whose session is alive.
#[derive(Clone)]
pub struct Caller {
    /// Whose session it is.
    pub account: Account,
    /// The session's key: a secret.
    pub key: Arc<str>,
    /// What the session holds.
    pub data: SessionData,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Why a key speaks for nobody; they differ in what becomes of the row and the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// No key, or one too short to be one.
    NoKey,
    /// No row, or an expired one: the cookie is deleted.
    Unknown,
    /// The row is not signed by us, or names nobody who may log in: row and cookie stay.
    Unreadable,
    /// The password has changed since: the row has been deleted here, the cookie is deleted.
    Outdated,
}

/// Looks `key` up.
pub async fn authenticate(
    app: &App,
    key: Option<&str>,
) -> Result<Result<Caller, Anonymous>, StoreError> {
    let Some(key) = key.filter(|key| session::is_plausible_key(key)) else {
        return Ok(Err(Anonymous::NoKey));
    };
    let Some(stored) = app.store.session(key).await? else {
        return Ok(Err(Anonymous::Unknown));
    };
    let Some(data) = SessionData::decode(&stored.data, &[&app.settings.secret_key]) else {
        tell_of_another_key();
        return Ok(Err(Anonymous::Unreadable));
    };
    let Some(user) = data.user_id() else {
        return Ok(Err(Anonymous::Unreadable));
    };
    let Some(account) = app.store.account(user).await? else {
        return Ok(Err(Anonymous::Unreadable));
    };
    if !account.is_active {
        return Ok(Err(Anonymous::Unreadable));
    }
    if !data.is_vouched_for(&account.password, &app.settings.secret_key) {
        app.end_session(key).await?;
        return Ok(Err(Anonymous::Outdated));
    }
    Ok(Ok(Caller {
        account,
        key: key.into(),
        data,
        expires: stored.expires,
    }))
}

/// Once, for there may be as many such sessions as people. Nobody but who opened it can present one: its key is a
/// secret.
fn tell_of_another_key() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::error!(
            "a session in the database is not signed with our secret key: whoever opened it is not logged in here. \
             --secret-key must be the SECRET_KEY of all processes of the deployment (sessions from before a change of \
             the key end like this, too)"
        );
    });
}
