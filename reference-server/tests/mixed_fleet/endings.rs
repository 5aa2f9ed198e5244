//! Sessions that end: by a logout, or by what somebody does to the database.

use std::time::Duration;

use chat_fixtures::people::Person;
use chat_fixtures::stage::lines;
use tokio::time::Instant;

use crate::ground::{ALL, DJANGO, Ground, OURS};
use crate::tables::Tables;

/// AUTH-4, AUTH-9, WS-2, PROC-2: after a logout at any process the session is nobody's at all, at the next request.
/// Its connections to ours are closed within a second, also when Django, which announces nothing, ended it; those to
/// Django go on hearing, as they do where there is nothing but Django.
pub(crate) async fn a_logout_at_any_ends_the_session_at_all(ground: Ground) {
    let fleet = ground.fleet().await;
    let [bob] = fleet.people(["bob"]).await;
    // A connection to Daphne that ends may take with it what others are about to be given (channels_redis #366).
    let mut open = Vec::new();
    for home in ALL {
        let name = format!("alice{home}");
        let alice = fleet.people.person(&name).await.unwrap();
        let chat = bob.creates_chat_with(&[&alice]).await.unwrap();
        let hers = lines(&[&alice], ALL.len(), &chat).await;
        let his = lines(&[&bob], ALL.len(), &chat).await;
        let session = alice.client.session().unwrap();

        alice.on_process(home).logout().await.unwrap();

        let since = Instant::now();
        for process in OURS {
            assert_eq!(hers[process].is_closed().await, 4401, "ended at {home}");
        }
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
        is_nobodys(&alice, &session).await;
        for process in ALL {
            his[process].says(&format!("at {process}: is she gone?"));
        }
        for process in ALL {
            let said = format!("at {process}: is she gone?");
            for line in his.iter().chain([&hers[DJANGO]]) {
                line.hears_or_ends(&said).await;
                assert_eq!(line.record().closed, None, "{said}");
            }
        }
        // Last, for a connection that Daphne refuses ends as any other does.
        assert_eq!(alice.tries_to_connect(&chat).await.unwrap().status(), 403);
        open.extend(hers.into_iter().chain(his));
    }
}

/// AUTH-9, PROC-2 (INTEROP §6.4): a session whose row is deleted or expires, and one whose user may no longer log in, is
/// nobody's at all, and its connections to ours are closed within a second. So is one whose user has another
/// password, once any process was asked with it: the first to be asked deletes the row.
pub(crate) async fn what_ends_a_session_in_the_database_ends_it_at_all(ground: Ground) {
    let fleet = ground.fleet().await;
    let tables = Tables::of(&fleet, ground).await;
    let [bob] = fleet.people(["bob"]).await;
    let done = [
        "DELETE FROM django_session WHERE session_key = '{session}'",
        "UPDATE django_session SET expire_date = '2020-01-01 00:00:00' WHERE session_key = '{session}'",
        "UPDATE chat_user SET is_active = false WHERE id = {alice}",
    ];
    let changes = done.map(|sql| (sql, None)).into_iter();
    let asked = ALL.map(|process| (ANOTHER_PASSWORD, Some(process)));
    for (number, (sql, asked)) in changes.chain(asked).enumerate() {
        let name = format!("alice{number}");
        let alice = fleet.people.person(&name).await.unwrap();
        let chat = bob.creates_chat_with(&[&alice]).await.unwrap();
        let hers = lines(&[&alice], ALL.len(), &chat).await;
        let session = alice.client.session().unwrap();

        let sql = sql
            .replace("{session}", &session)
            .replace("{alice}", &alice.id.to_string())
            .replace("{bob}", &bob.id.to_string());
        tables.change(&sql).await;

        if let Some(process) = asked {
            let me = alice.on_process(process).client.get("/api/me/").await;
            assert_eq!(me.unwrap().status, 403, "{sql}");
        }
        let since = Instant::now();
        for process in OURS {
            assert_eq!(hers[process].is_closed().await, 4401, "{sql}");
        }
        assert!(since.elapsed() < SOON, "{sql}: {:?}", since.elapsed());
        is_nobodys(&alice, &session).await;
    }
}

/// Whether every process takes whoever shows this session for a stranger.
async fn is_nobodys(person: &Person, session: &str) {
    for process in ALL {
        // The dead cookie is taken away with the answer (AUTH-6), and so shown again.
        person.client.set_cookie("sessionid", session);
        let me = person.on_process(process).client.get("/api/me/").await;
        assert_eq!(me.unwrap().status, 403, "at {process}");
    }
    person.client.set_cookie("sessionid", session);
}

/// What the contract allows between a change in the database and the close.
pub(crate) const SOON: Duration = Duration::from_secs(1);
const ANOTHER_PASSWORD: &str = "UPDATE chat_user SET password = \
    (SELECT password FROM chat_user WHERE id = {bob}) WHERE id = {alice}";
