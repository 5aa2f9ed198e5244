//! The way to both servers: each is asked by it, and without it there is no chat server.

use crate::{
    cannot_run, compares,
    servers::{answered, certified, hanging_up, http},
};

/// One question is enough to see that both answer.
const ONE: [&str; 2] = ["--only", "generated/WS-18/*"];
const FEW: [&str; 2] = ["--cases", "3"];

/// They mean the same, asked by this way.
async fn mean_the_same(servers: &[String; 2], way: &[&str]) {
    let servers = servers.each_ref().map(String::as_str);
    let output = compares(&[&servers[..], way, &ONE, &FEW].concat()).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{error}");
    assert!(said.contains("They mean the same"), "{said}");
}

fn somewhere_else() -> String {
    answered(404, "text/html", "<title>nothing here</title>")
}

#[tokio::test]
async fn both_stand_behind_a_header() {
    let gated = || {
        http(|request| match request.contains("x-gate: sesame") {
            true => hanging_up(request),
            false => somewhere_else(),
        })
    };
    let servers = [gated().await, gated().await];
    cannot_run("the original", &[&servers[0], &servers[1]]).await;
    mean_the_same(&servers, &["-H", "X-Gate: sesame"]).await;
    let line = [&*servers[0], &*servers[1], "-H", "Host: elsewhere"];
    cannot_run("the suite has its own", &line).await;
}

#[tokio::test]
async fn both_have_certificates_of_their_own() {
    let (original, one) = certified(hanging_up).await;
    let (candidate, other) = certified(hanging_up).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    std::fs::write(&file, one.clone() + &other).unwrap();
    let file = file.display().to_string();

    let servers = [original, candidate];
    let way = ["--cacert", file.as_str()];
    mean_the_same(&servers, &way).await;
    mean_the_same(&servers, &["--insecure"]).await;
    std::fs::write(&file, one).unwrap();
    let line = [&[&*servers[0], &*servers[1]][..], &way].concat();
    cannot_run("the candidate", &line).await;
}

#[tokio::test]
async fn both_are_behind_a_proxy() {
    let proxy = http(|request| {
        let known = ["http://original.invalid", "http://candidate.invalid"];
        match known.iter().any(|name| request.contains(name)) {
            true => hanging_up(
                &known
                    .iter()
                    .fold(request.to_owned(), |text, name| text.replacen(name, "", 1)),
            ),
            false => somewhere_else(),
        }
    });
    let proxy = proxy.await;
    let servers = ["http://original.invalid", "http://candidate.invalid"].map(str::to_owned);
    cannot_run("the original", &[&servers[0], &servers[1]]).await;
    mean_the_same(&servers, &["--proxy", &proxy]).await;
}

#[tokio::test]
async fn each_has_a_path_of_its_own() {
    let under = |path: &'static str| {
        http(move |request| match request.split_once(path) {
            Some((method, rest)) => hanging_up(&format!("{method}{rest}")),
            None => somewhere_else(),
        })
    };
    let servers = [under("/old").await, under("/new/chat").await];
    cannot_run("the original", &[&servers[0], &servers[1]]).await;
    let servers = [
        format!("{}/old", servers[0]),
        format!("{}/new/chat/", servers[1]),
    ];
    mean_the_same(&servers, &[]).await;
}
