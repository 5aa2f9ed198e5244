//! Everything by REST: log in, create a chat, then list, send and read, at the timetable's times.

use std::sync::Arc;

use goose::goose::{GooseUser, Scenario, TransactionResult};
use http::StatusCode;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::{
    Defaults, Kind,
    owned::{self, Act, Owned},
};
use crate::{
    attack::Attack,
    content::{Key, Stamp},
    rest::Ask,
};

/// Everything by REST.
pub(super) const REST: Kind = Kind {
    name: "rest",
    about: "log in, list, create, send and read by REST",
    defaults: Defaults {
        rooms: 20,
        members: 3,
        senders: Some(1),
        rate: Some(20.0),
    },
    has_sockets: false,
    scenario,
};

fn scenario(attack: &Arc<Attack>) -> Scenario {
    let begin: Act = |attack, user| Box::pin(begins(attack, user));
    let go: Act = |attack, user| Box::pin(goes_on(attack, user));
    let end: Act = |attack, user| Box::pin(ends(attack, user));
    Scenario::new("rest")
        .register_transaction(
            owned::transaction(attack, begin)
                .set_name("log in and create a chat")
                .set_on_start(),
        )
        .register_transaction(owned::transaction(attack, go).set_name("list, send, read"))
        .register_transaction(
            owned::transaction(attack, end)
                .set_name("delete the chat")
                .set_on_stop(),
        )
}

async fn begins(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let begun = logs_in_and_creates(&attack, user).await;
    if let Err(error) = &begun {
        attack.complains(error.to_string());
    }
    attack.is_ready();
    begun
}

async fn logs_in_and_creates(attack: &Attack, user: &mut GooseUser) -> TransactionResult {
    let room = attack.next_room();
    if let Some(account) = attack.plan.members_of(room).next() {
        let body = json!({"username": account.username, "password": account.password});
        // A second session: the one of the account file stays as it is.
        owned::asks(
            attack,
            user,
            room,
            "POST /api/login/",
            "/api/login/",
            Some(&body),
            StatusCode::OK,
        )
        .await?;
    }
    let chat = owned::creates_chat(attack, user, room).await?;
    user.set_session_data(Owned { room, chat });
    Ok(())
}

/// A journey whenever one is due: the list, a message, the history, which has to hold the message.
async fn goes_on(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let Some(owned) = user.get_session_data::<Owned>().copied() else {
        return Ok(());
    };
    let (from, until) = tokio::select! {
        biased;
        () = attack.stop.cancelled() => return Ok(()),
        times = attack.speaking() => times,
    };
    let Some(mut timetable) = attack.timetable(owned.room, from) else {
        return Ok(());
    };
    let mut seq = 0;
    while timetable.next() < until {
        let due = timetable.next();
        tokio::select! {
            () = sleep_until(Instant::from_std(attack.clock.instant(due))) => {}
            () = attack.stop.cancelled() => break,
        }
        // What fails is counted where it failed; the next journey is due all the same.
        let _ = journey(&attack, user, owned, seq, due).await;
        seq += 1;
        timetable.advance();
    }
    Ok(())
}

async fn journey(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
    seq: u32,
    due: u64,
) -> TransactionResult {
    let plan = &attack.plan;
    let account = plan
        .members_of(owned.room)
        .next()
        .ok_or("nobody takes part")?;
    let target = plan
        .targets
        .get(plan.target_of(owned.room, 0))
        .ok_or("no target")?;
    let list = Ask {
        name: "GET /api/chats/",
        path: "/api/chats/",
        account,
        body: None,
        expects: StatusCode::OK,
        due: Some(due),
    };
    attack.books.asks(user, target, attack.clock, &list).await?;
    let key = Key { sender: 0, seq };
    let stamp = Stamp {
        run: attack.run,
        room: owned.room,
        key,
        due,
        sent: attack.clock.now(),
    };
    let mut content = String::new();
    stamp.write(plan.load.payload as usize, &mut content);
    let path = format!("/api/chats/{}/send_message/", owned.chat);
    let body = json!({ "content": content });
    owned::asks(
        attack,
        user,
        owned.room,
        "POST /api/chats/{id}/send_message/",
        &path,
        Some(&body),
        StatusCode::CREATED,
    )
    .await?;
    let history = owned::history(attack, user, owned).await?;
    attack.books.compares(history.contains(&key));
    Ok(())
}

async fn ends(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    match user.get_session_data::<Owned>().copied() {
        Some(owned) => owned::deletes_chat(&attack, user, owned).await,
        None => Ok(()),
    }
}
