//! What a refused handshake tells: nothing; and how much is heard before somebody speaks: as little.

use chat_fixtures::{
    client::Client,
    socket::{Handshake, Offer},
};

use super::{
    handshake::path,
    refusals::{UNKNOWN, deleted_chat, kept_out, unknown_session},
};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, in_json},
    room::{content_of, hears, hears_until, history, speaks},
};

checks! {
    WS_2 => nobody_learns_which_chats_exist [Alone],
    WS_2p => refuses_with_403 [Alone],
    WS_2p => is_silent_until_somebody_speaks [Alone],
}

/// Each is asked twice, for what differs between two answers to the same question (`Date`) tells nothing.
async fn nobody_learns_which_chats_exist(cx: &Context) -> Verdict {
    let mut refusals = Vec::new();
    for outsider in outsiders(cx).await? {
        let mut twice = Vec::new();
        for _ in 0..2 {
            let refusal = kept_out(outsider.tries().await?, outsider.who);
            twice.push(cx.given("be refused", refusal).await?);
        }
        refusals.push((outsider.who, twice));
    }

    let mut changing = vec!["date".to_owned()];
    for (_, twice) in &refusals {
        for (name, value) in &twice[0].headers {
            if twice[1].headers.get(name) != Some(value) {
                changing.push(name.clone());
            }
        }
    }
    for (_, twice) in &mut refusals {
        twice[0].headers.retain(|name, _| !changing.contains(name));
    }
    let (first, first_refusal) = (refusals[0].0, &refusals[0].1[0]);
    for (who, twice) in &refusals {
        let what = format!("how {who} is refused, beside {first}");
        expect(
            twice[0] == *first_refusal,
            what,
            format!("{first_refusal:?}"),
            format!("{:?}", twice[0]),
        )?;
    }
    Ok(())
}

async fn refuses_with_403(cx: &Context) -> Verdict {
    for outsider in outsiders(cx).await? {
        let who = outsider.who;
        let refusal = kept_out(outsider.tries().await?, who);
        let refusal = cx.given("be refused", refusal).await?;
        let what = format!("the status of the handshake: {who}");
        expect(refusal.status == 403, what, 403, refusal.status)?;
    }
    Ok(())
}

/// Neither a greeting, nor what was said before, nor who comes and goes.
async fn is_silent_until_somebody_speaks(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob, &carol]).await?;
    cx.given("send by REST", alice.posts(&chat, "earlier, by REST"))
        .await?;
    let mut here = cx.connected(&alice, &chat).await?;
    speaks(&mut here, "earlier").await?;
    cx.given("hear oneself", hears(&mut here, "earlier", "alice"))
        .await?;

    let mut newcomer = cx.connected(&bob, &chat).await?;
    cx.connected(&carol, &chat).await?.socket.close().await;
    // By then carol is gone: in Channels a word said while somebody leaves may be lost (channels_redis #366).
    history(cx, &carol, &chat).await?;
    speaks(&mut here, "and now").await?;

    let listeners = [
        (&mut newcomer, "who has just come"),
        (&mut here, "who was there before"),
    ];
    for (listener, who) in listeners {
        let heard = hears_until(listener, "and now", who);
        let mut heard = cx.given("hear a message", heard).await?;
        heard.pop();
        // That nothing is repeated to those who have heard it is WS-3's.
        heard.retain(|event| who.starts_with("who has") || content_of(event) != Some("earlier"));
        expect(
            heard.is_empty(),
            format!("what is heard before somebody speaks, by {who}"),
            "nothing",
            in_json(&heard),
        )?;
    }
    Ok(())
}

/// Somebody who is to be kept out, and where they try.
struct Outsider {
    who: &'static str,
    client: Client,
    path: String,
}

impl Outsider {
    async fn tries(&self) -> Result<Handshake, Failure> {
        Ok(self.client.connect(&self.path, &Offer::default()).await?)
    }
}

async fn outsiders(cx: &Context) -> Result<Vec<Outsider>, Failure> {
    let [alice, bob, carol] = cx.people().await?;
    let chat = path(&cx.chat_of(&[&alice, &bob]).await?);
    let deleted = path(&deleted_chat(cx, &alice, &bob).await?);
    let unknown = format!("/ws/chat/{}/", UNKNOWN[0]);
    let stale = cx.stranger();
    stale.set_cookie("sessionid", &unknown_session(cx));
    let outsiders = [
        (
            "a user at a chat that does not exist",
            &alice.client,
            &unknown,
        ),
        ("a user at a chat of others", &carol.client, &chat),
        ("a user at a chat that was deleted", &alice.client, &deleted),
        ("an anonymous caller at a chat", &cx.stranger(), &chat),
        (
            "an anonymous caller at a chat that does not exist",
            &cx.stranger(),
            &unknown,
        ),
        ("a session nobody has at a chat", &stale, &chat),
        (
            "a session nobody has at a chat that does not exist",
            &stale,
            &unknown,
        ),
    ];
    let outsider = |(who, client, path): (_, &Client, &String)| Outsider {
        who,
        client: client.clone(),
        path: path.clone(),
    };
    Ok(outsiders.into_iter().map(outsider).collect())
}
