//! Redis gone, hanging and back, under processes that go on.

mod stage;

use std::time::Duration;

use chat_fixtures::client::{Ask, Client};
use serde_json::{Value, json};
use tokio::time::Instant;

use self::stage::{A_SECOND, FIVE_SECONDS, Outage, Stage};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, in_json, shown},
    listening::expect_heard,
};

checks! {
    PROC_6 => senders_are_answered_without_redis [Waits],
    PROC_6 => a_process_delivers_to_its_own_without_redis [Waits],
    PROC_6 => rest_goes_on_without_redis [Waits],
    PROC_6 => delivery_resumes_when_redis_is_back [Waits],
    PROC_6 => who_may_have_missed_messages_is_told [Waits],
}

async fn senders_are_answered_without_redis(cx: &Context) -> Verdict {
    let mut stage = Stage::set(cx).await?;
    for outage in [Outage::Gone, Outage::Hanging] {
        let mut lines = [
            stage.line(&stage.alice, 0).await?,
            stage.line(&stage.bob, 1).await?,
        ];
        stage.begins(outage).await?;
        let mut refused = Vec::new();
        for turn in 0..5 {
            for (process, line) in lines.iter_mut().enumerate() {
                let said = format!("{outage:?}: {turn} at process {process}");
                let what = format!("a sender while Redis is {}", outage.word());
                if !line.is_answered(&said, &what).await? {
                    refused.push(said);
                }
            }
        }
        let history = stage.contents().await?;
        let stored = refused.iter().find(|refused| history.contains(refused));
        expect(
            stored.is_none(),
            "the history after a sender was told an error",
            "nothing of the message",
            in_json(&stored),
        )?;
        stage.is_over(outage).await?;
    }
    stage.is_up()
}

async fn a_process_delivers_to_its_own_without_redis(cx: &Context) -> Verdict {
    let mut stage = Stage::set(cx).await?;
    for outage in [Outage::Gone, Outage::Hanging] {
        let mut pairs = Vec::new();
        for process in 0..2 {
            let (alice, bob) = (&stage.alice, &stage.bob);
            pairs.push([
                stage.line(alice, process).await?,
                stage.line(bob, process).await?,
            ]);
        }
        stage.begins(outage).await?;
        for (process, [speaker, listener]) in pairs.iter_mut().enumerate() {
            let mut heard = 0;
            for turn in 0..5 {
                let said = format!("{outage:?}: {turn} among those at process {process}");
                let what = format!(
                    "a connection of the same process while Redis is {}",
                    outage.word()
                );
                if speaker.is_answered(&said, &what).await? {
                    expect_heard(&mut listener.connection, &said, A_SECOND, &what).await?;
                    heard += 1;
                }
            }
            expect(
                heard > 0,
                format!(
                    "what is said at one process while Redis is {}",
                    outage.word()
                ),
                "that it is heard there",
                "an error for each message",
            )?;
        }
        stage.is_over(outage).await?;
    }
    stage.is_up()
}

async fn rest_goes_on_without_redis(cx: &Context) -> Verdict {
    let mut stage = Stage::set(cx).await?;
    for outage in [Outage::Gone, Outage::Hanging] {
        stage.begins(outage).await?;
        for process in 0..2 {
            let alice = stage.alice.on_process(process);
            let rest = |client: Client, ask: Ask| async move {
                let what = format!(
                    "{} {} while Redis is {}",
                    ask.method(),
                    ask.path(),
                    outage.word()
                );
                let answer = client.ask(ask.within(REST)).await?;
                expect(
                    (200..300).contains(&answer.status),
                    what,
                    "success",
                    shown(&answer),
                )?;
                Ok::<_, Failure>(answer.json().unwrap_or(Value::Null))
            };
            rest(alice.client.clone(), Ask::new("GET", "/api/me/")).await?;
            let body = json!({"name": cx.name("chat"), "participant_ids": [stage.bob.id]});
            let chat = rest(
                alice.client.clone(),
                Ask::new("POST", "/api/chats/").json(&body),
            )
            .await?;
            let path = format!("/api/chats/{}/", chat["id"]);
            let send = Ask::new("POST", &format!("{path}send_message/"));
            rest(
                alice.client.clone(),
                send.json(&json!({"content": "by REST"})),
            )
            .await?;
            rest(
                alice.client.clone(),
                Ask::new("GET", &format!("{path}messages/")),
            )
            .await?;
            rest(alice.client.clone(), Ask::new("DELETE", &path)).await?;
            let other = alice.client.stranger();
            let body = json!({"username": alice.username, "password": alice.password});
            rest(other.clone(), Ask::new("POST", "/api/login/").json(&body)).await?;
            rest(other, Ask::new("POST", "/api/logout/")).await?;
        }
        stage.is_over(outage).await?;
    }
    stage.is_up()
}

async fn delivery_resumes_when_redis_is_back(cx: &Context) -> Verdict {
    let mut stage = Stage::set(cx).await?;
    for outage in [Outage::Gone, Outage::Hanging, Outage::Restarted] {
        // A machine that stands still for seconds, as at a busy disk, is not blamed on the server: a second outage
        // decides.
        let resumes =
            resumes_after(outage, &mut stage).await? || resumes_after(outage, &mut stage).await?;
        expect(
            resumes,
            format!(
                "delivery between processes after Redis was {}",
                outage.word()
            ),
            format!("that it resumes within {FIVE_SECONDS:?}"),
            "new connections do not hear each other, after the second such outage either",
        )?;
    }
    stage.is_up()
}

async fn resumes_after(outage: Outage, stage: &mut Stage) -> Result<bool, Failure> {
    let mut line = stage.line(&stage.alice, 0).await?;
    stage.begins(outage).await?;
    // Long enough that whoever waits longer after each attempt would be late.
    let mut pace = tokio::time::interval(PACE);
    for _ in 0..if outage == Outage::Restarted {
        1
    } else {
        TURNS
    } {
        pace.tick().await;
        // Traffic alone matters here; what becomes of it, other checks ask.
        let _ = line.says("is anybody there?").await;
    }
    stage.ends(outage).await?;
    Ok(stage.resumes().await)
}

/// A connection that missed nothing may stay; then it has heard all that is stored, and hears what is said next.
async fn who_may_have_missed_messages_is_told(cx: &Context) -> Verdict {
    let mut stage = Stage::set(cx).await?;
    for outage in [Outage::Gone, Outage::Hanging, Outage::Restarted] {
        stage.chat = stage.fleet.cx.chat_of(&[&stage.alice, &stage.bob]).await?;
        let mut lines = [
            stage.line(&stage.alice, 0).await?,
            stage.line(&stage.bob, 1).await?,
        ];
        for line in &mut lines {
            line.says_all("before").await;
        }
        stage.begins(outage).await?;
        for line in &mut lines {
            line.says_all("meanwhile").await;
        }
        if outage != Outage::Restarted {
            for line in &mut lines {
                line.listens(Instant::now() + A_SECOND, |heard| {
                    heard.ends_with("meanwhile")
                })
                .await;
            }
        }
        stage.ends(outage).await?;
        let deadline = Instant::now() + FIVE_SECONDS;
        let [one, other] = &mut lines;
        tokio::join!(
            one.listens(deadline, |_| false),
            other.listens(deadline, |_| false)
        );
        let history = stage.contents().await?;
        for line in &mut lines {
            let what = format!("a connection after Redis was {}", outage.word());
            if let Some(code) = line.end {
                let told = format!("closed with {MISSED}, or not at all");
                expect(code == MISSED, what, told, format!("closed with {code}"))?;
                continue;
            }
            let missed = history.iter().find(|stored| !line.heard.contains(*stored));
            let told = format!("closed with {MISSED}, or every message of the history");
            expect(
                missed.is_none(),
                &what,
                told,
                format!("open still, and without {}", in_json(&missed)),
            )?;
            let mut speaker = stage.line(&stage.bob, 1).await?;
            stage
                .fleet
                .cx
                .given("say something", speaker.says("and now?"))
                .await?;
            expect_heard(&mut line.connection, "and now?", FIVE_SECONDS, &what).await?;
        }
    }
    stage.is_up()
}

const MISSED: u16 = 1012;
/// How long a request may take without Redis; the contract gives no time, so this only ends the waiting.
const REST: Duration = Duration::from_secs(10);
/// How often something is said in a long outage, and how many times.
const PACE: Duration = Duration::from_millis(500);
const TURNS: usize = 12;
