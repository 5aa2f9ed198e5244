//! Whether the target is there still: a server that dies in the midst of a run is told as that, and not as a
//! server that breaks every promise it was asked about afterwards.

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chat_fixtures::{client::Client, userinfo};
use futures_util::future::join_all;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    check::Outcome, fleet::Deployment, report::CheckResult, runner::INTERRUPTED, target::Target,
};

/// Watches over the processes of a target while a run goes on.
#[derive(Debug)]
pub(crate) struct Vigil {
    posts: Vec<Post>,
    began: Instant,
    gone: Mutex<Option<Gone>>,
    ended: Mutex<BTreeMap<String, Instant>>,
}

/// One process, by what its URL stands for.
#[derive(Debug)]
struct Post {
    base: String,
    addresses: Vec<SocketAddr>,
    seen: Mutex<Instant>,
}

/// A process that takes no connections any more.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    /// Its URL.
    pub(crate) base: String,
    /// When it was last seen alive.
    seen: Instant,
    /// How long the run had gone on then.
    into: Duration,
}

impl Vigil {
    /// A vigil over every process whose name resolves, where no proxy stands before them.
    pub(crate) async fn over(target: &Target) -> Self {
        let began = Instant::now();
        let mut posts = Vec::new();
        if target.reach().proxy.is_none() {
            for base in &target.bases {
                let addresses = addresses(base).await;
                if !addresses.is_empty() {
                    posts.push(Post {
                        base: base.clone(),
                        addresses,
                        seen: Mutex::new(began),
                    });
                }
            }
        }
        Self {
            posts,
            began,
            gone: Mutex::default(),
            ended: Mutex::default(),
        }
    }

    /// Keeps watch until one is gone, and cancels `stop` then; ends never otherwise.
    pub(crate) async fn keeps(&self, stop: &CancellationToken) {
        loop {
            join_all(self.posts.iter().map(|post| self.looks_at(post))).await;
            if self.gone().is_some() {
                stop.cancel();
                return;
            }
            sleep(BETWEEN).await;
        }
    }

    /// A last look, for a server that died as the run came to its end.
    pub(crate) async fn ends(&self) -> Option<Gone> {
        if self.gone().is_none() {
            let looks = join_all(self.posts.iter().map(|post| self.looks_at(post)));
            let _ = timeout(LAST_LOOK, looks).await;
        }
        self.gone()
    }

    /// A check has come to its end.
    pub(crate) fn ended(&self, result: &CheckResult) {
        lock(&self.ended).insert(result.check.clone(), Instant::now());
    }

    /// What failed because the server was gone says so, and says nothing of its clause: the checks that were
    /// running when it went.
    pub(crate) fn excuses(&self, gone: &Gone, results: &mut [CheckResult]) -> Vec<String> {
        let ended = lock(&self.ended);
        let span = |result: &CheckResult| {
            let end = ended.get(&result.check).copied().unwrap_or(self.began);
            let took = u64::try_from(result.took).map_or(Duration::MAX, Duration::from_millis);
            (end.checked_sub(took).unwrap_or(self.began), end)
        };
        let unasked = |result: &CheckResult| {
            result.reason.as_deref() == Some(INTERRUPTED) && result.took == 0
        };
        let (mut failed, mut first) = (Vec::new(), None);
        for result in results {
            let well = matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable);
            let (_, end) = span(result);
            if well || (end + DYING < gone.seen && !unasked(result)) {
                continue;
            }
            if !unasked(result) && first.is_none_or(|first| end < first) {
                first = Some(end);
            }
            failed.push(result);
        }
        let mut suspects = Vec::new();
        for result in failed {
            // Who was at it when the first one noticed.
            let suspect = !unasked(result) && first.is_some_and(|first| span(result).0 <= first);
            if suspect {
                suspects.push(result.check.clone());
            } else {
                result.transcript.clear();
            }
            result.outcome = Outcome::Untestable;
            result.mismatch = None;
            result.reason = Some(match suspect {
                true => format!("{GONE}; this check was running when it went"),
                false => GONE.to_owned(),
            });
        }
        suspects
    }

    /// Whether it takes a connection; after several that it did not take, it is gone.
    async fn looks_at(&self, post: &Post) {
        for again in 0..TRIES {
            if again > 0 {
                sleep(BETWEEN).await;
            }
            match timeout(CONNECT, TcpStream::connect(&post.addresses[..])).await {
                Ok(Ok(_)) => {
                    *lock(&post.seen) = Instant::now();
                    return;
                }
                // What this program itself lacks, as files to open, says nothing of the server.
                Ok(Err(error))
                    if error
                        .raw_os_error()
                        .is_some_and(|code| OURS.contains(&code)) =>
                {
                    return;
                }
                _ => {}
            }
        }
        let seen = *lock(&post.seen);
        lock(&self.gone).get_or_insert(Gone {
            base: post.base.clone(),
            seen,
            into: seen - self.began,
        });
    }

    fn gone(&self) -> Option<Gone> {
        lock(&self.gone).clone()
    }
}

impl Gone {
    /// The sentence; of a process that the suite has launched, also how it ended and what it last said.
    pub(crate) async fn told(&self, deployment: Option<&mut Deployment>) -> String {
        let mut said = self.to_string();
        let server = deployment.and_then(|deployment| {
            let mut servers = deployment.servers.iter_mut();
            servers.find(|server| Client::new(server.url()).is_ok_and(|at| at.base() == self.base))
        });
        if let Some(server) = server
            && let Some((status, stderr)) = server.end().await
        {
            said += &format!("; it ended ({status})");
            said += &match stderr.trim_end() {
                "" => ", and wrote nothing to stderr".to_owned(),
                stderr => format!("; its stderr:\n{stderr}"),
            };
        }
        said
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} stopped answering {:.1} s into the run",
            userinfo::hidden(&self.base),
            self.into.as_secs_f64()
        )
    }
}

async fn addresses(base: &str) -> Vec<SocketAddr> {
    let Ok(url) = Url::parse(base) else {
        return Vec::new();
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(80);
    let found = timeout(CONNECT, lookup_host((host, port))).await;
    found.map_or_else(
        |_| Vec::new(),
        |found| found.map(Iterator::collect).unwrap_or_default(),
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const GONE: &str = "the server was gone";
/// Who dies may still take a connection after the answer that did not come: the kernel does, until the last one closes.
const DYING: Duration = Duration::from_millis(200);

/// How often it is looked at; also between two tries.
const BETWEEN: Duration = Duration::from_millis(500);
/// How many connections have to be refused one after the other.
const TRIES: usize = 5;
/// How long a connection may take: a server with much to do may have no place in its queue.
const CONNECT: Duration = Duration::from_secs(5);
/// Long enough for connections that are refused; one that nobody answers is not waited for at the end.
const LAST_LOOK: Duration = Duration::from_secs(4);
/// EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM.
const OURS: [i32; 5] = [24, 23, 99, 105, 12];
