//! Is it a chat server at all? One with a broken promise is; a closed port, a static site, a server that
//! never answers are not, and each gets a sentence that says what it is.

mod what;

use std::{fmt, time::Duration};

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client, ClientError},
    people::Person,
    reach::Reach,
    socket::Offer,
    userinfo,
};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::Url;

use self::what::{What, advice};
use crate::{run::Run, target::Target};

/// What was found out about a deployment that is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Somebody without a session gets no answer to a handshake, not even a refusal.
    pub hangs_in_handshake: bool,
}

/// Why there is nothing to judge: a sentence for each URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct NoChat(Vec<String>);

/// Asks each URL what any chat server answers to anybody, each answer due within `patience`.
///
/// # Errors
/// [`NoChat`], when one of them is none.
pub async fn probe(target: &Target, patience: Duration) -> Result<Found, NoChat> {
    if let Some(proxy) = &target.reach().proxy
        && let Err(what) = opens(proxy, patience).await
    {
        let proxy = userinfo::hidden(proxy);
        return Err(NoChat(vec![format!(
            "the proxy {proxy} does not answer: {what}"
        )]));
    }
    let probes = target
        .bases
        .iter()
        .map(|base| probe_one(target, base, patience));
    let mut found = Found {
        hangs_in_handshake: false,
    };
    let mut sentences = Vec::new();
    for (base, probed) in target.bases.iter().zip(join_all(probes).await) {
        match probed {
            Ok(one) => found.hangs_in_handshake |= one.hangs_in_handshake,
            Err(what) => sentences.push(format!("{base}: {what}{}", advice(target, base, &what))),
        }
    }
    if sentences.is_empty() {
        Ok(found)
    } else {
        Err(NoChat(sentences))
    }
}

/// Whether a participant gets some answer to a handshake. A server that hangs for everybody serves no chats;
/// one that does for strangers alone breaks a clause, and is for the checks.
///
/// # Errors
/// [`NoChat`], when it hangs, or nobody can become a participant.
pub async fn answers_a_participant(run: &Run, patience: Duration) -> Result<(), NoChat> {
    let answered = async {
        let person = run.cast.people().ok()?.first()?;
        let body = json!({"name": format!("{}probe", run.prefix), "participant_ids": []});
        let made = person.client.post("/api/chats/", &body).await.ok()?;
        let id = made.json().ok()?.get("id")?.as_u64()?;
        run.remember_chat(id, person.client.clone(), 0);
        let path = format!("/ws/chat/{id}/");
        let offer = Offer::default();
        let handshake = timeout(patience, person.client.connect(&path, &offer)).await;
        handshake
            .is_ok_and(|answer| !matches!(answer, Err(ClientError::Late { .. })))
            .then_some(())
    };
    answered.await.ok_or_else(|| {
        NoChat(vec![format!(
            "{}: answers REST, but hangs in the WebSocket handshake ({HANDSHAKE})",
            run.target.base(0)
        )])
    })
}

/// Whether several URLs are processes of one deployment: who has an account and a session at one has them at the
/// others. Sessions alone may be broken, and are for the checks; where the account is unknown too, in both
/// directions, there are two deployments.
///
/// # Errors
/// [`NoChat`], when they are not.
pub async fn is_one_deployment(run: &Run) -> Result<(), NoChat> {
    let bases = &run.target.bases;
    let Ok(people) = run.cast.people() else {
        return Ok(());
    };
    let first = people.first();
    for (n, base) in bases.iter().enumerate().skip(1) {
        // They are registered round.
        let (Some(here), Some(there)) = (first, people.get(n)) else {
            break;
        };
        let strangers = is_unknown(here, base).await && is_unknown(there, &bases[0]).await;
        if strangers {
            return Err(NoChat(vec![format!(
                "a session of {} is not known at {base}, nor is the account: these are not processes of one \
                 deployment (same database, same secret key)",
                bases[0]
            )]));
        }
    }
    Ok(())
}

/// Whether neither the person's session nor their account is known at that URL.
async fn is_unknown(person: &Person, base: &str) -> bool {
    let refused = |answer: &Result<Answer, ClientError>| {
        answer
            .as_ref()
            .is_ok_and(|answer| matches!(answer.status, 400 | 401 | 403))
    };
    if !refused(&person.client.at(base).get("/api/me/").await) {
        return false;
    }
    let body = json!({"username": person.username, "password": person.password});
    for _ in 0..LOGINS {
        let stranger = person.client.at(base).stranger();
        if !refused(&stranger.post("/api/login/", &body).await) {
            return false;
        }
    }
    true
}

async fn probe_one(target: &Target, base: &str, patience: Duration) -> Result<Found, What> {
    // The rest is for the other scheme, which is tried for a better sentence alone.
    let hint = HINT.min(patience / 4);
    let patience = patience - hint;
    // Behind a proxy the name is the proxy's to resolve.
    if target.reach().proxy.is_none() {
        opens(base, patience).await?;
    }
    let client = target.client().at(base).stranger();
    let rest = PROBES.iter().map(|(method, path)| {
        let ask = Ask::new(method, path).within(patience);
        let ask = match *method {
            "POST" => ask.json(&json!({})),
            _ => ask,
        };
        client.ask(ask)
    });
    let handshake = timeout(patience / 2, {
        let client = client.stranger();
        async move { client.connect(HANDSHAKE, &Offer::default()).await }
    });
    let (answers, handshake) = tokio::join!(join_all(rest), handshake);

    let looks_like_one = answers.iter().flatten().any(|answer| {
        // Any web server has a 404 and a 405; who asks for fields or for a session has read the contract.
        (400..500).contains(&answer.status)
            && !matches!(answer.status, 404 | 405)
            && answer.json().is_ok_and(|body| body.is_object())
    });
    if looks_like_one {
        return Ok(Found {
            hangs_in_handshake: handshake.is_err(),
        });
    }
    let other = speaks_otherwise(base, hint).await;
    Err(What::of(&answers, other, patience))
}

/// Whether the name resolves and the port is open.
async fn opens(base: &str, patience: Duration) -> Result<(), What> {
    let unresolved = |reason: &dyn fmt::Display| What::Unresolved(reason.to_string());
    let url = Url::parse(base).map_err(|error| unresolved(&error))?;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses: Vec<_> = match timeout(patience, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return Err(unresolved(&error)),
        Err(_) => return Err(unresolved(&format!("no answer within {patience:?}"))),
    };
    match timeout(patience, TcpStream::connect(&addresses[..])).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(What::Closed(error.to_string())),
        Err(_) => Err(What::Unreachable(patience)),
    }
}

/// The other scheme, if that is what is spoken at this port.
async fn speaks_otherwise(base: &str, patience: Duration) -> Option<&'static str> {
    let (scheme, rest) = match base.split_once("://")? {
        ("http", rest) => ("https", rest),
        (_, rest) => ("http", rest),
    };
    let base = format!("{scheme}://{rest}");
    let reach = Reach {
        insecure: true,
        ..Reach::default()
    };
    let client = Client::over(reach.open(&[&base]).ok()?, &base);
    let answer = client.ask(Ask::new("GET", "/api/me/").within(patience));
    // A TLS port tells those who come without TLS, in plain HTTP, that they are wrong.
    let spoken = answer.await.is_ok_and(|answer| {
        let scolds = answer.text().contains("HTTPS port") || answer.text().contains("HTTPS server");
        scheme == "https" || !(answer.status == 400 && scolds)
    });
    spoken.then_some(scheme)
}

/// What every chat server refuses to somebody without a session, and why: fields are missing, or the session.
const PROBES: [(&str, &str); 4] = [
    ("POST", "/api/login/"),
    ("POST", "/api/register/"),
    ("GET", "/api/me/"),
    ("GET", "/api/chats/"),
];
/// How often an account has to be refused before it is unknown.
const LOGINS: usize = 3;
const HANDSHAKE: &str = "/ws/chat/0/";
/// How long the other scheme is tried, at most.
const HINT: Duration = Duration::from_secs(2);
