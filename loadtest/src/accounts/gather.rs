//! The three steps to people with live sessions: try what was kept, log in again, enter who is missing.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{MissedTickBehavior, interval};

use super::{Pool, Progress, Registrar, Step, book::Credentials, error::NoPeople};
use crate::account::Account;

/// How people came to their sessions; of those who are not here, the kept ones served.
pub(super) struct Came {
    pub(super) entered: usize,
    pub(super) logged_in: usize,
    pub(super) forgotten: usize,
}

impl Pool {
    /// Gathers so many. Whom the deployment knows no more stay in the book until others have come in their places:
    /// where nobody can register, as when a proxy refuses everybody, nothing of them is lost.
    pub(super) async fn gathers(
        &mut self,
        count: usize,
        registrar: &Registrar,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Came, NoPeople> {
        let kept = count.min(self.book.accounts.len());
        let ended = self.ended(kept, registrar, progress).await?;
        let forgotten = self.log_in_again(&ended, registrar, progress).await?;
        let all = count + forgotten.len();
        let entered = all.saturating_sub(self.book.accounts.len());
        self.plans(all)?;
        self.enter(all, registrar, progress).await?;
        // From the last to the first, so that the places before stay what they are.
        for place in forgotten.iter().rev() {
            self.book.accounts.remove(*place);
            self.is_saved = false;
        }
        Ok(Came {
            entered,
            logged_in: ended.len() - forgotten.len(),
            forgotten: forgotten.len(),
        })
    }

    /// Whose session has ended, by place. Sessions of one pool were opened together and end together, so a sample
    /// is tried first, evenly spread; when one of it has ended, all are tried.
    async fn ended(
        &mut self,
        kept: usize,
        registrar: &Registrar,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Vec<usize>, NoPeople> {
        let sample = kept.min(SAMPLE);
        let spread = (0..sample).map(|n| n * kept / sample).collect();
        let ended = self.ended_among(spread, registrar, progress).await?;
        if ended.is_empty() || sample == kept {
            return Ok(ended);
        }
        self.ended_among((0..kept).collect(), registrar, progress)
            .await
    }

    async fn ended_among(
        &mut self,
        places: Vec<usize>,
        registrar: &Registrar,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Vec<usize>, NoPeople> {
        let mut ended = Vec::new();
        let people: Vec<_> = places
            .into_iter()
            .filter_map(|place| Some((place, self.book.accounts.get(place)?.clone())))
            .collect();
        let check = |(place, account): (usize, Account)| async move {
            (place, registrar.is_alive(place, &account).await)
        };
        let tell = |done, of| progress(registrar.progress(Step::Checking, done, of));
        let take = |_: &mut Self, (place, is_alive): (usize, Result<bool, NoPeople>)| {
            if !is_alive? {
                ended.push(place);
            }
            Ok(())
        };
        self.each(registrar.options().jobs.get(), people, check, take, tell)
            .await?;
        ended.sort_unstable();
        Ok(ended)
    }

    /// Who could not, by place: the deployment knows them no more. Those who were given are somebody's word that it
    /// does, and their refusal is an error.
    async fn log_in_again(
        &mut self,
        ended: &[usize],
        registrar: &Registrar,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Vec<usize>, NoPeople> {
        let are_ours = self.given.is_none();
        let people: Vec<_> = ended
            .iter()
            .filter_map(|place| Some((*place, Credentials::of(self.book.accounts.get(*place)?))))
            .collect();
        let mut forgotten = Vec::new();
        let log_in = |(place, person): (usize, Credentials)| async move {
            (place, registrar.logs_in(place, &person).await)
        };
        let take = |pool: &mut Self, (place, account): (usize, Result<Account, NoPeople>)| {
            match account {
                Err(NoPeople::Refused { status: 401, .. }) if are_ours => forgotten.push(place),
                account => {
                    let account = account?;
                    if let Some(kept) = pool.book.accounts.get_mut(place) {
                        *kept = account;
                    }
                }
            }
            Ok(())
        };
        let tell = |done, of| progress(registrar.progress(Step::LoggingIn, done, of));
        self.each(registrar.options().jobs.get(), people, log_in, take, tell)
            .await?;
        forgotten.sort_unstable();
        Ok(forgotten)
    }

    async fn enter(
        &mut self,
        count: usize,
        registrar: &Registrar,
        progress: &mut impl FnMut(Progress),
    ) -> Result<(), NoPeople> {
        let is_given = self.given.is_some();
        let missing = count.saturating_sub(self.book.accounts.len());
        let people: Vec<_> = self
            .book
            .planned
            .iter()
            .take(missing)
            .cloned()
            .enumerate()
            .collect();
        let enter = |(n, person): (usize, Credentials)| async move {
            match is_given {
                true => registrar.logs_in(n, &person).await,
                false => registrar.registers(n, &person).await,
            }
        };
        let take = |pool: &mut Self, account: Result<Account, NoPeople>| {
            pool.book.has_entered(account?);
            Ok(())
        };
        let step = match is_given {
            true => Step::LoggingIn,
            false => Step::Entering,
        };
        let tell = |done, of| progress(registrar.progress(step, done, of));
        self.each(registrar.options().jobs.get(), people, enter, take, tell)
            .await
    }

    /// Does something for all of these people, some at a time; what came of it is taken as it comes and saved every
    /// second. Ends with the first failure.
    async fn each<P, F: Future>(
        &mut self,
        jobs: usize,
        people: Vec<P>,
        work: impl FnMut(P) -> F,
        mut take: impl FnMut(&mut Self, F::Output) -> Result<(), NoPeople>,
        mut tell: impl FnMut(usize, usize),
    ) -> Result<(), NoPeople> {
        let of = people.len();
        if of == 0 {
            return Ok(());
        }
        let mut done = 0;
        // A future is made when its turn comes: ten thousand at once would be memory for nothing.
        let mut results = stream::iter(people).map(work).buffer_unordered(jobs);
        let mut seconds = interval(SAVED_EVERY);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = seconds.tick() => self.saves()?,
                result = results.next() => match result {
                    Some(result) => {
                        take(self, result)?;
                        self.is_saved = false;
                        done += 1;
                    }
                    None => return Ok(()),
                }
            }
            tell(done, of);
        }
    }
}

/// How many kept sessions are tried before all the others are believed to live too.
const SAMPLE: usize = 500;
const SAVED_EVERY: Duration = Duration::from_secs(1);
