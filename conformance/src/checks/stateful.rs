//! Any sequence of what people do, compared with a model.

use crate::{
    check::Verdict,
    checks,
    context::Context,
    plan::{Scope, agree_with_the_model},
};

checks! {
    HIST_2 => any_sequence_of_requests_agrees_with_the_model [Generated],
    // These listen, and Channels promises most to those who are alone: see the checks of histories.
    WS_3 => any_sequence_with_connections_agrees_with_the_model [Generated, Alone],
    PROC_1 => any_sequence_with_connections_agrees_across_processes [Generated, Alone],
    PROC_2 => any_sequence_of_requests_agrees_across_processes [Generated],
}

async fn any_sequence_of_requests_agrees_with_the_model(cx: &Context) -> Verdict {
    let scope = Scope {
        sockets: false,
        accounts: true,
        processes: 1,
    };
    agree_with_the_model(cx, scope).await
}

async fn any_sequence_with_connections_agrees_with_the_model(cx: &Context) -> Verdict {
    let scope = Scope {
        sockets: true,
        accounts: false,
        processes: 1,
    };
    agree_with_the_model(cx, scope).await
}

async fn any_sequence_with_connections_agrees_across_processes(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let scope = Scope {
        sockets: true,
        accounts: false,
        processes: cx.processes(),
    };
    agree_with_the_model(cx, scope).await
}

async fn any_sequence_of_requests_agrees_across_processes(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let scope = Scope {
        sockets: false,
        accounts: true,
        processes: cx.processes(),
    };
    agree_with_the_model(cx, scope).await
}
