//! Many people at once, judged afterwards by the ledger.
//!
//! All run alone: Channels loses a message now and then when another connection of the process ends at the same
//! moment, and beside other checks there always is one. What is promised is promised of a calm deployment.

use std::sync::Arc;

use chat_fixtures::ledger::Kind;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    crowd::{Crowd, Talk},
};

checks! {
    SEND_8 => a_calm_crowd_does_not_hear_what_is_sent_by_rest [Generated, Alone],
    WS_3 => a_calm_crowd_hears_everything_once [Generated, Alone],
    WS_4 => what_a_calm_crowd_hears_is_in_the_history [Generated, Alone],
    WS_8 => a_calm_crowd_stays_in_its_rooms [Generated, Alone],
    WS_10 => everybody_of_a_calm_crowd_is_heard_in_order [Generated, Alone],
    PROC_1 => a_calm_crowd_on_several_processes_misses_nothing [Generated, Alone],
    PROC_4 => a_crowd_hears_everything_in_one_order [Generated, Alone],
    PROC_5 => a_stressed_crowd_hears_everything_once [Generated, Alone],
}

async fn a_calm_crowd_does_not_hear_what_is_sent_by_rest(cx: &Context) -> Verdict {
    calm(cx).await?.expect_none(
        cx,
        &[Kind::Broadcast],
        "that nobody hears live what is sent by REST",
    )
}

async fn a_calm_crowd_hears_everything_once(cx: &Context) -> Verdict {
    calm(cx).await?.expect_none(
        cx,
        &[Kind::Lost, Kind::Repeated, Kind::Unsent],
        "that every connection hears each once",
    )
}

async fn what_a_calm_crowd_hears_is_in_the_history(cx: &Context) -> Verdict {
    calm(cx).await?.expect_none(
        cx,
        &[Kind::Premature, Kind::Forgotten, Kind::Altered],
        "that what is heard is in the history, the same",
    )
}

async fn a_calm_crowd_stays_in_its_rooms(cx: &Context) -> Verdict {
    calm(cx).await?.expect_none(
        cx,
        &[Kind::Strayed, Kind::Overheard],
        "that each is heard in its room only",
    )
}

async fn everybody_of_a_calm_crowd_is_heard_in_order(cx: &Context) -> Verdict {
    calm(cx).await?.expect_none(
        cx,
        &[Kind::Disordered],
        "that each sender is heard in the order sent",
    )
}

async fn a_calm_crowd_on_several_processes_misses_nothing(cx: &Context) -> Verdict {
    let people = cx.people_across::<4>().await?;
    let kinds = [
        Kind::Lost,
        Kind::Repeated,
        Kind::Strayed,
        Kind::Overheard,
        Kind::Disordered,
        Kind::Premature,
        Kind::Forgotten,
        Kind::Altered,
    ];
    let promise = "WS-3 to WS-10 between processes";
    let verdict = Crowd::calm()
        .talks(cx, &people)
        .await?
        .expect_none(cx, &kinds, promise);
    if verdict.is_err() {
        // What goes wrong on one process, too, has nothing to do with there being several.
        let alone = calm(cx).await?.expect_none(cx, &kinds, promise);
        alone.map_err(|failure| failure.in_preparation("do the same on one process"))?;
    }
    verdict
}

async fn a_crowd_hears_everything_in_one_order(cx: &Context) -> Verdict {
    stressed(cx).await?.expect_none(
        cx,
        &[Kind::Disagreed, Kind::Disordered],
        "that all connections hear one order",
    )
}

async fn a_stressed_crowd_hears_everything_once(cx: &Context) -> Verdict {
    stressed(cx).await?.expect_none(
        cx,
        &[Kind::Lost, Kind::Repeated],
        "that every connection that was open all along hears each once",
    )
}

/// The run's calm crowd: it talks once, and every check looks at its ledger for what its own clause says.
async fn calm(cx: &Context) -> Result<Arc<Talk>, Failure> {
    let talks = Box::pin(async {
        let people = cx.people::<4>().await?;
        Crowd::calm().talks(cx, &people).await.map(Arc::new)
    });
    cx.crowds().calm.get_or_init(|| talks).await.clone()
}

/// The run's stressed crowd, on all processes that there are; as [`calm`], it talks once.
async fn stressed(cx: &Context) -> Result<Arc<Talk>, Failure> {
    let talks = Box::pin(async {
        let people = if cx.processes() > 1 {
            cx.people_across::<4>().await?
        } else {
            cx.people::<4>().await?
        };
        let crowd = Crowd::stressed(cx.cases());
        crowd.talks(cx, &people).await.map(Arc::new)
    });
    cx.crowds().stressed.get_or_init(|| talks).await.clone()
}
