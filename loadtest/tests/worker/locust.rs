//! A real Locust master in a process of its own.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use chat_fixtures::launch::free_port;
use chat_loadtest::measurement::Measurement;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};

/// A real Locust master with our locustfile.
pub(crate) struct Master {
    pub(crate) locust: Child,
    pub(crate) port: u16,
    folder: TempDir,
    lines: mpsc::UnboundedReceiver<String>,
    printed: Vec<String>,
}

impl Master {
    /// Starts one that has a run as soon as it has workers; `None`, and loudly, where Locust cannot be had.
    pub(crate) async fn leads(workers: usize, options: &[&str]) -> Option<Self> {
        let workers = workers.to_string();
        let ours = root().join("loadtest/locust/locustfile.py");
        let run = [
            "--headless",
            "-u",
            "10",
            "-r",
            "10",
            "--expect-workers",
            &workers,
            "--json-file",
            "locust",
        ];
        Self::starts(&ours, &[&run, options].concat()).await
    }

    /// Starts one with a locustfile of its own that waits for its page to be used: Locust as anybody has it.
    pub(crate) async fn waits(page: u16) -> Option<Self> {
        let plain = root().join("loadtest/tests/worker/plain.py");
        let page = page.to_string();
        Self::starts(&plain, &["--web-host", "127.0.0.1", "--web-port", &page]).await
    }

    async fn starts(locustfile: &Path, options: &[&str]) -> Option<Self> {
        let venv = Command::new(root().join("ci/locust-venv"))
            .output()
            .await
            .unwrap();
        if !venv.status.success() {
            let why = String::from_utf8_lossy(&venv.stderr);
            eprintln!(
                "SKIPPED: nothing was tested against Locust, ci/locust-venv cannot install it:\n{why}"
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let mut locust = Command::new(String::from_utf8(venv.stdout).unwrap().trim())
            .arg("-f")
            .arg(locustfile)
            .arg("--master")
            .args([
                "--master-bind-host",
                "127.0.0.1",
                "--master-bind-port",
                &port.to_string(),
            ])
            .args(options)
            .current_dir(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (line, lines) = mpsc::unbounded_channel();
        passes_on(locust.stdout.take().unwrap(), line.clone());
        passes_on(locust.stderr.take().unwrap(), line);
        Some(Self {
            locust,
            port,
            folder,
            lines,
            printed: Vec::new(),
        })
    }

    /// Waits until it prints a line with these words.
    pub(crate) async fn prints(&mut self, words: &str) {
        let found = timeout(PATIENCE, async {
            while let Some(line) = self.lines.recv().await {
                let is_it = line.contains(words);
                self.printed.push(line);
                if is_it {
                    return true;
                }
            }
            false
        });
        let found = found.await.unwrap_or_default();
        assert!(found, "{words:?} is not in:\n{}", self.printed.join("\n"));
    }

    /// Waits until it prints a line with each of these words, in any order.
    pub(crate) async fn prints_all(&mut self, words: &[&str]) {
        let mut awaited = words.to_vec();
        let found = timeout(PATIENCE, async {
            while !awaited.is_empty()
                && let Some(line) = self.lines.recv().await
            {
                awaited.retain(|words| !line.contains(words));
                self.printed.push(line);
            }
        });
        let _ = found.await;
        let printed = self.printed.join("\n");
        assert!(awaited.is_empty(), "{awaited:?} are not in:\n{printed}");
    }

    pub(crate) fn is_asked_to_end(&self) {
        let id = i32::try_from(self.locust.id().expect("it runs")).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
    }

    pub(crate) async fn ends(&mut self) -> ExitStatus {
        let status = timeout(PATIENCE, self.locust.wait())
            .await
            .expect("the master ends");
        while let Some(line) = self.lines.recv().await {
            self.printed.push(line);
        }
        status.unwrap()
    }

    pub(crate) fn said(&self, words: &str) {
        let is_said = self
            .printed
            .iter()
            .any(|line| line.starts_with(&format!("chat-loadtest: {words}")));
        assert!(is_said, "{words:?} is not in:\n{}", self.printed.join("\n"));
    }

    /// A figure of Locust's own, of the row with this name.
    pub(crate) fn row(&self, name: &str, figure: &str) -> u64 {
        let rows: Vec<Value> = self.reads("locust.json");
        let row = rows.iter().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("no row {name}: {rows:?}"))[figure]
            .as_u64()
            .unwrap()
    }

    pub(crate) fn record(&self, worker: &str) -> Measurement {
        self.reads(&format!("chat-loadtest-{worker}.json"))
    }

    /// Where the record of a worker is.
    pub(crate) fn path(&self, worker: &str) -> PathBuf {
        let file = format!("chat-loadtest-{worker}.json");
        self.folder.path().join(file)
    }

    fn reads<T: serde::de::DeserializeOwned>(&self, file: &str) -> T {
        let text = std::fs::read_to_string(self.folder.path().join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}\n{}", self.printed.join("\n")));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"))
    }
}

fn passes_on(
    output: impl AsyncRead + Unpin + Send + 'static,
    lines: mpsc::UnboundedSender<String>,
) {
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            let _ = lines.send(line);
        }
    });
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
