//! A message reaches the connections of its chat, and only those.

use crate::{check::Verdict, checks, context::Context, expect::expect_next};

checks! {
    WS_3 => reaches_every_participant,
}

async fn reaches_every_participant(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut socket = cx.connected(&bob, &chat).await?;

    let event = cx.connected(&alice, &chat).await?.says("hello").await?;

    expect_next(&mut socket, &event, "bob's next frame").await
}
