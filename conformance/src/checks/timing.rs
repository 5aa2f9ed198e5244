//! How long a refused login takes tells nobody who has an account.

use std::time::Duration;

use chat_fixtures::client::Client;
use serde_json::json;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_refused},
};

checks! {
    AUTH_2p => takes_as_long_for_an_unknown_user [Alone],
}

/// Samples are taken in turns, round after round, until one round looks right: what else the machine does
/// makes a round look wrong now and then, a server that skips the hash does so every time.
async fn takes_as_long_for_an_unknown_user(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let client = cx.stranger();
    let nobody = cx.username("nobody");
    // The first ones open the connection and warm what there is to warm.
    let slow = refusal(cx, &client, &alice.username)
        .await?
        .max(refusal(cx, &client, &nobody).await?);
    let samples = (PER_ROUND.as_nanos() / (2 * slow.as_nanos().max(1))).clamp(2, 15);

    let mut last = None;
    for round in 0..ROUNDS {
        let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
        for n in 0..samples {
            if (n + round) % 2 == 0 {
                wrong.push(refusal(cx, &client, &alice.username).await?);
                unknown.push(refusal(cx, &client, &nobody).await?);
            } else {
                unknown.push(refusal(cx, &client, &nobody).await?);
                wrong.push(refusal(cx, &client, &alice.username).await?);
            }
        }
        let times = Round::of(wrong, unknown);
        if times.alike() {
            return Ok(());
        }
        last = Some(times);
    }
    expect(
        last.is_none(),
        "the time of refused logins, in every one of several rounds",
        "medians within a factor of two",
        last.map_or_else(String::new, |times| {
            format!(
                "{:?} for a wrong password, {:?} for an unknown user",
                times.wrong.median, times.unknown.median
            )
        }),
    )
}

async fn refusal(cx: &Context, client: &Client, username: &str) -> Result<Duration, Failure> {
    let body = json!({"username": username, "password": "not-the-password-3"});
    let answer = client.post("/api/login/", &body).await?;
    cx.given("be refused", async {
        expect_refused(&answer, "a login that cannot succeed")
    })
    .await?;
    Ok(answer.elapsed)
}

/// What one round measured.
#[derive(Debug)]
struct Round {
    wrong: Times,
    unknown: Times,
}

#[derive(Debug)]
struct Times {
    least: Duration,
    median: Duration,
}

impl Round {
    fn of(wrong: Vec<Duration>, unknown: Vec<Duration>) -> Self {
        Self {
            wrong: Times::of(wrong),
            unknown: Times::of(unknown),
        }
    }

    /// Whether nothing can be told from the times: the medians are within a factor of two, or so near each
    /// other, or the quickest answers so alike, that it may be chance.
    fn alike(&self) -> bool {
        let apart = |a: Duration, b: Duration, times: f64| {
            let (less, more) = (a.min(b), a.max(b));
            more.as_secs_f64() > times * less.as_secs_f64() && more.saturating_sub(less) > NOISE
        };
        !apart(self.wrong.median, self.unknown.median, 2.0)
            || !apart(self.wrong.least, self.unknown.least, 1.5)
    }
}

impl Times {
    /// Of an even number the lower one is the median: delays only add.
    fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |n: usize| samples.get(n).copied().unwrap_or_default();
        Self {
            least: at(0),
            median: at(samples.len().saturating_sub(1) / 2),
        }
    }
}

/// How many rounds have to look wrong.
const ROUNDS: u128 = 4;
/// How long a round takes, more or less; with slow hashes it is two samples of each.
const PER_ROUND: Duration = Duration::from_millis(400);
/// A difference that may be chance, whatever the factor.
const NOISE: Duration = Duration::from_micros(800);

#[cfg(test)]
mod tests {
    use super::*;

    fn round(wrong: &[u64], unknown: &[u64]) -> Round {
        let times = |millis: &[u64]| millis.iter().map(|ms| Duration::from_millis(*ms)).collect();
        Round::of(times(wrong), times(unknown))
    }

    #[test]
    fn a_skipped_hash_is_seen() {
        assert!(!round(&[240, 260], &[5, 9]).alike());
        assert!(!round(&[4, 4, 5, 40], &[1, 1, 1, 30]).alike());
        assert!(!round(&[5, 6], &[240, 250]).alike());
    }

    #[test]
    fn a_busy_machine_is_not() {
        assert!(round(&[240, 250], &[235, 900]).alike());
        assert!(round(&[2, 2, 30], &[2, 40, 50]).alike());
    }
}
