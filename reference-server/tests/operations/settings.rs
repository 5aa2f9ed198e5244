//! Flags, environment variables, `--help`, `--check`, and the line on stdout.

use chat_fixtures::client::Client;
use chat_fixtures::launch::Program;
use chat_reference_server::config::Config;
use clap::CommandFactory;

use crate::run::{BINARY, Folder};

/// Every flag has an environment variable, and the help names both, what the default is, and the unit.
#[tokio::test]
async fn the_help_names_everything() {
    let ended = Folder::new().run(&["--help"], &[]).await;
    assert_eq!(ended.code, Some(0));
    let help = ended.stdout;
    for argument in Config::command().get_arguments() {
        let flag = format!("--{}", argument.get_long().unwrap());
        // From its own line to the next flag's.
        let start = help
            .find(&format!("{flag} "))
            .or_else(|| help.find(&format!("{flag}\n")))
            .unwrap_or_else(|| panic!("{flag} is not in the help"));
        let end = help[start..]
            .find("\n  -")
            .map_or(help.len(), |end| start + end);
        let mut end = end;
        if let Some(next) = help[start..].find("\n      --") {
            end = end.min(start + next);
        }
        let section = &help[start..end];
        match argument.get_env() {
            Some(variable) => {
                let variable = variable.to_str().unwrap();
                assert_eq!(
                    variable,
                    format!("CHAT_{}", flag[2..].replace('-', "_").to_uppercase())
                );
                assert!(section.contains(&format!("[env: {variable}")), "{section}");
            }
            None => assert_eq!(flag, "--check"),
        }
        for default in argument.get_default_values() {
            if argument
                .get_num_args()
                .is_some_and(|takes| takes.takes_values())
            {
                let default = format!("[default: {}]", default.to_str().unwrap());
                assert!(section.contains(&default), "{section}");
            }
        }
        if argument
            .get_value_names()
            .is_some_and(|names| names == ["SIZE"])
        {
            assert!(
                section.contains("ytes") && section.contains("MiB"),
                "{section}"
            );
        }
    }
}

/// `--check` opens, makes and asks nothing, not even a Redis or a port.
#[tokio::test]
async fn a_check_touches_nothing() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let args = [
        "--check",
        "-p",
        &port,
        "--redis",
        "redis://127.0.0.1:1",
        "--database",
        "missing/chat.sqlite3",
    ];
    let ended = folder.run(&args, &[]).await;
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "", "")
    );
    assert!(folder.contents().is_empty());
}

/// Environment variables work as the flags do; a flag wins.
#[tokio::test]
async fn the_environment_works_as_the_flags_do() {
    let folder = Folder::new();
    let refused = folder.run(&["--check"], &[("CHAT_MAX_BODY", "1MiB")]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--max-body"), "{}", refused.stderr);
    let allowed = folder
        .run(
            &["--check", "--max-body", "4MiB"],
            &[("CHAT_MAX_BODY", "1MiB")],
        )
        .await;
    assert_eq!(allowed.code, Some(0), "{}", allowed.stderr);

    let database = folder.path("from the environment.sqlite3");
    let server = Program::new(BINARY)
        .env("CHAT_PORT", "0")
        .env("CHAT_DATABASE", &database.display().to_string())
        .env("CHAT_NO_TEST_PAGE", "true")
        .env("CHAT_SECRET_KEY", "a key")
        .env("CHAT_ALLOWED_HOST", "chat.example,127.0.0.1")
        .start()
        .await
        .unwrap();
    let client = Client::new(server.url()).unwrap();
    assert_eq!(
        client.get("/websocket_test.html").await.unwrap().status,
        404
    );
    assert_eq!(client.get("/api/me/").await.unwrap().status, 403);
    let ask = chat_fixtures::client::Ask::new("GET", "/api/me/").header("Host", "other.example");
    assert_eq!(client.ask(ask).await.unwrap().status, 400);
    server.stop().await;
    assert!(database.exists());
    assert!(
        !folder
            .path("from the environment.sqlite3.secret-key")
            .exists()
    );
}

/// An empty variable is as good as none; an empty flag is a mistake.
#[tokio::test]
async fn an_empty_variable_is_not_given() {
    let folder = Folder::new();
    let variables: Vec<String> = Config::command()
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned))
        .collect();
    assert!(variables.len() > 20);
    let empty: Vec<(&str, &str)> = variables.iter().map(|name| (name.as_str(), "")).collect();
    let ended = folder.run(&["--check"], &empty).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let ended = folder.run(&["--check", "--port", ""], &[]).await;
    assert_eq!(ended.code, Some(2));
}

/// What is secret is shown neither by the help nor by a refusal.
#[tokio::test]
async fn no_secret_is_shown() {
    let secrets = [
        ("CHAT_REDIS_KEY", "hunter2,hunter3"),
        ("CHAT_SECRET_KEY", "hunter4"),
        ("CHAT_REDIS", "redis://:hunter5@127.0.0.1:1"),
    ];
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--check"], 0),
        (&["--check", "--redis-key", "hunter6,"], 2),
        (&["--check", "--redis-layer", "other"], 2),
        (&["--check", "redis://:hunter7@127.0.0.1"], 2),
        (&["--check", "--bind", "postgres://me:hunter8@db/chat"], 2),
        (&["--check", "--databse=postgres://me:hunter9@db/chat"], 2),
        (&["--check", "--redis-layer", "redis://:hunter10@db"], 2),
        (&["-p", "0", "--log", "trace"], 1),
    ] {
        let ended = Folder::new().run(args, &secrets).await;
        assert_eq!(ended.code, Some(code), "{ended:?}");
        let shown = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!shown.contains("hunter"), "{shown}");
    }
}

/// One line on stdout, with the port that was found; all else goes to stderr.
#[tokio::test]
async fn stdout_has_the_address_and_nothing_else() {
    let folder = Folder::new();
    let mut child = tokio::process::Command::new(BINARY)
        .args(["-p", "0", "--database"])
        .arg(folder.path("chat.sqlite3"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdout = tokio::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line)
        .await
        .unwrap();
    let url = line.strip_prefix("listening on ").unwrap().trim_end();
    assert_eq!(
        Client::new(url)
            .unwrap()
            .get("/api/me/")
            .await
            .unwrap()
            .status,
        403
    );
    // Whoever reads the line may ask for the end at once.
    let pid = rustix::process::Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stdout, &mut rest)
        .await
        .unwrap();
    assert_eq!(rest, "");
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}
