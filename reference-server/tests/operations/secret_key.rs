//! The secret key that a server on loopback makes for itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chat_fixtures::people::People;

use crate::run::Folder;

/// PROC-2: processes that start together on nothing make one database and one key, readable by its owner alone;
/// a session of one holds on the others, and after a restart.
#[tokio::test]
async fn processes_started_together_share_one_key() {
    let folder = Folder::new();
    let (mut one, mut two, mut three) =
        tokio::join!(folder.starts(&[]), folder.starts(&[]), folder.starts(&[]));
    let key_file = folder.path("chat.sqlite3.secret-key");
    let key = fs::read_to_string(&key_file).unwrap();
    assert!(key.trim().len() >= 50);
    assert_eq!(
        fs::metadata(&key_file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let others: Vec<_> = folder
        .contents()
        .into_keys()
        .filter(|path| path.to_string_lossy().contains("secret-key") && *path != key_file)
        .collect();
    assert!(others.is_empty(), "{others:?}");

    let people = People::new(&[one.url(), two.url(), three.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    for process in 0..3 {
        let me = alice
            .on_process(process)
            .client
            .get("/api/me/")
            .await
            .unwrap();
        assert_eq!(me.status, 200);
    }
    for running in [&mut one, &mut two, &mut three] {
        running.ends().await;
    }

    let again = folder.starts(&[]).await;
    assert_eq!(
        alice
            .client
            .at(again.url())
            .get("/api/me/")
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(fs::read_to_string(&key_file).unwrap(), key);
}
