//! Worker processes led by a real Locust master against a real chat server: what each heard is what all say.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use chat_fixtures::launch::{Server, free_port};
use chat_loadtest::{accounts::Pool, measurement::Measurement, record};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    engine::sum,
    locust::{Master, PATIENCE},
    people::reference_server,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_processes_heard_is_what_the_master_counts() {
    let limits = ["--chat-thresholds", "lost == 0"];
    let Some(mut master) = Master::leads(2, &limits).await else {
        return;
    };
    let house = House::opens().await;
    let north = house.hires(master.port, "north", &["--threshold", "lost == 0"]);
    let south = house.hires(master.port, "south", &["--threshold", "delivery p99 < 1us"]);
    master.measures(&["north", "south"]).await;
    master.is_asked_to_end();
    let status = master.ends().await;

    assert_eq!(status.code(), Some(0), "the master's limit was kept");
    leaves(north, 0).await;
    leaves(south, 1).await;
    let records = ["north", "south"].map(|name| {
        let record = house.record(name);
        assert_eq!(master.record(name), record, "both wrote the same of {name}");
        assert_eq!((record.load.rooms, record.workers.len()), (1, 1));
        assert!(record.measured_s > 0.0 && record.tally.counts.sent > 0);
        record
    });
    let whole = sum([&records[0].tally, &records[1].tally]);
    let counts = &whole.counts;
    assert_eq!((counts.connected, counts.lost), (10, 0));
    assert_eq!(
        counts.delivered,
        4 * counts.sent,
        "five in a room: four others"
    );
    for (row, count) in [
        ("same-process", counts.delivered),
        ("message", counts.own_echoes),
        ("connect", counts.connected),
    ] {
        assert_eq!(master.row(row, "num_requests"), count, "{row}");
    }
    master.said("2 of 2 workers ended in order");

    let merged = house
        .merges(&master, ["north", "south"], "lost == 0", 0)
        .await;
    assert_eq!(merged.tally, whole);
    house
        .merges(&master, ["north", "south"], "delivery p99 < 1us", 1)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_half_way_is_missed_and_the_rest_goes_on() {
    let limits = ["--chat-thresholds", "lost == 0"];
    let Some(mut master) = Master::leads(2, &limits).await else {
        return;
    };
    let house = House::opens().await;
    let stays = house.hires(master.port, "stays", &["--threshold", "lost == 0"]);
    let mut dies = house.hires(master.port, "dies", &[]);
    master.measures(&["stays", "dies"]).await;
    dies.kill().await.unwrap();
    master
        .prints("Worker dies failed to send heartbeat, setting state to missing")
        .await;
    master.is_asked_to_end();
    let status = master.ends().await;

    assert_eq!(status.code(), Some(0), "the limit was kept");
    leaves(stays, 0).await;
    let (stays, dies) = (house.record("stays"), master.record("dies"));
    let told = "The worker dies was lost half-way, and the others went on";
    let told = |remark: &String| remark.starts_with(told);
    assert!(stays.remarks.iter().any(told), "{:?}", stays.remarks);
    assert_eq!(master.record("stays"), stays);
    let ended = dies.workers[0].ended.clone().unwrap();
    assert!(
        ended.starts_with("lost half-way, last heard of at second "),
        "{ended}"
    );
    assert!(dies.tally.counts.delivered > 0);
    assert!(
        stays.measured_s > dies.measured_s,
        "{} s, {} s",
        stays.measured_s,
        dies.measured_s
    );
    assert_eq!(
        master.row("same-process", "num_requests"),
        stays.tally.counts.delivered + dies.tally.counts.delivered
    );
    master.said("1 of 2 workers ended in order");
    master.said(&format!("the worker dies was {ended}"));

    let merged = house
        .merges(&master, ["stays", "dies"], "lost == 0", 0)
        .await;
    assert_eq!(merged.tally, sum([&stays.tally, &dies.tally]));
    // The other's record will do, where nobody has the lost one's.
    let of_one = house.merges(&master, ["stays"], "lost == 0", 0).await;
    assert_eq!(of_one.tally, stays.tally);
    let lost: Vec<_> = merged
        .workers
        .iter()
        .map(|worker| worker.ended.clone())
        .collect();
    assert_eq!(lost, [Some(ended), None], "dies, stays");
}

#[tokio::test]
async fn two_workers_do_not_share_a_file_of_people() {
    let house = House::opens().await;
    let people = house.folder.path().join("people.json");
    let _other = Pool::open(Some(&people)).unwrap();
    let people = people.display().to_string();
    // Nobody leads here: it ends before it looks for a master.
    let worker = house.hires(free_port().unwrap(), "second", &["--accounts", &people]);
    let output = leaves(worker, 2).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains(&format!("another run uses {people}")) && told.contains("a file of its own"),
        "{told}"
    );
}

/// A chat server, and a folder for what is written.
struct House {
    server: Server,
    folder: TempDir,
}

impl House {
    async fn opens() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = reference_server(folder.path(), &[]).await;
        Self { server, folder }
    }

    /// A worker process whose five users, by the master's word, are one room. How late it is does not matter here.
    fn hires(&self, master: u16, name: &str, options: &[&str]) -> Child {
        let master = format!("127.0.0.1:{master}");
        let report = format!("json={}", self.path(name));
        program()
            .args(["worker", "--locust", &master, "--name", name])
            .arg(self.server.url())
            .args(["--members", "5", "--rate", "20/s", "--max-lateness", "60s"])
            .args(["--report", &report])
            .args(options)
            .spawn()
            .unwrap()
    }

    async fn merges<const N: usize>(
        &self,
        master: &Master,
        workers: [&str; N],
        limit: &str,
        code: i32,
    ) -> Measurement {
        let report = format!("json={}", self.path("merged"));
        let merging = program()
            .arg("merge")
            .args(workers.map(|worker| master.path(worker)))
            .args(["--threshold", limit, "--report", &report])
            .spawn()
            .unwrap();
        leaves(merging, code).await;
        self.record("merged")
    }

    fn record(&self, name: &str) -> Measurement {
        record::measurement(Path::new(&self.path(name))).unwrap()
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(format!("{name}.json"));
        path.display().to_string()
    }
}

impl Master {
    /// Waits until these workers have measured a second at least.
    async fn measures(&mut self, workers: &[&str]) {
        let lines: Vec<_> = workers
            .iter()
            .map(|name| format!("the worker {name} measures"))
            .collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        self.prints_all(&lines).await;
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chat-loadtest"));
    program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    program
}

/// Waits for its end, which is to be with this code.
async fn leaves(program: Child, code: i32) -> Output {
    let output = timeout(PATIENCE, program.wait_with_output()).await;
    let output = output.expect("it ends").unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    output
}
