//! The command line: errors, signals and the exit code.

use std::{sync::Arc, time::Duration};

use chat_loadtest::{
    account::Account,
    attack,
    measurement::{Load, Pace},
    plan::Plan,
    target::Target,
};

async fn account(base: &str, n: usize) -> anyhow::Result<Account> {
    let client = reqwest::Client::builder().build()?;
    let name = format!("l{}-{n}", std::process::id());
    let answer = client.post(format!("{base}/api/register/")).json(&serde_json::json!({"username": name, "email": format!("{name}@example.com"), "password": "correct-horse-9", "password_confirm": "correct-horse-9", "user_type": "student"})).send().await?;
    let id = answer.json::<serde_json::Value>().await?["id"]
        .as_u64()
        .unwrap_or_default();
    let answer = client
        .post(format!("{base}/api/login/"))
        .json(&serde_json::json!({"username": name, "password": "correct-horse-9"}))
        .send()
        .await?;
    let cookies: Vec<String> = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|c| Some(c.to_str().ok()?.split(';').next()?.to_owned()))
        .collect();
    let csrf = cookies
        .iter()
        .find_map(|c| c.strip_prefix("csrftoken="))
        .unwrap_or_default()
        .to_owned();
    Ok(Account {
        id,
        username: name,
        password: String::new(),
        cookies: cookies.join("; "),
        csrf_token: csrf,
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let rooms: u32 = args[1].parse()?;
    let members: u32 = args[2].parse()?;
    let pace = match args[3].strip_prefix('x') {
        Some(n) => Pace::InFlight {
            per_room: n.parse()?,
        },
        None => Pace::Fixed {
            per_second: args[3].parse()?,
        },
    };
    let secs: u64 = args[4].parse()?;
    let targets: Vec<Arc<Target>> = args[5..]
        .iter()
        .map(|t| Ok(Arc::new(t.parse()?)))
        .collect::<anyhow::Result<_>>()?;
    let mut accounts = Vec::new();
    for n in 0..members as usize {
        accounts.push(account(&targets[0].base, n).await?);
    }
    let plan = Plan {
        targets: targets.into(),
        is_balanced: false,
        load: Load {
            scenario: std::env::var("SCENARIO").unwrap_or("live".into()),
            rooms,
            members,
            senders: members,
            payload: 64,
            pace,
            seed: 1,
            processes: 1,
            label: None,
        },
        duration: Duration::from_secs(secs),
        ramp: 1000.0,
        test_plan: None,
        connect_rate: 2000.0,
        patience: Duration::from_secs(5),
        timeout: Duration::from_secs(10),
        threads: std::num::NonZeroUsize::MIN,
        accounts: accounts.into(),
        tls: None,
        authorities: vec![],
        is_insecure: false,
        samples: 1,
    };
    let (tx, mut rx) = tokio::sync::mpsc::channel(100);
    tokio::spawn(async move {
        while let Some(interval) = rx.recv().await {
            let i: chat_loadtest::measurement::Interval = interval;
            eprintln!("{:?}", i.second);
        }
    });
    let m = attack::run(plan, tx, Default::default()).await?;
    println!("{:?}", m.tally.counts);
    println!("{:#?}", m.device);
    for (k, t) in &m.tally.times {
        println!(
            "{k:16} n={} p50={:?} p99={:?} max={:?}",
            t.count(),
            t.at(0.5),
            t.at(0.99),
            t.max()
        );
    }
    println!(
        "{:.0} deliveries/s, {:.0} per CPU s",
        m.deliveries_per_second(),
        m.deliveries_per_device_cpu_second()
    );
    Ok(())
}
