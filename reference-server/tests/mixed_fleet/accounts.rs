//! Accounts of one process at the doors of the others.

use serde_json::json;

use crate::ground::{ALL, Ground};
use crate::tables::Tables;

/// REG-1, AUTH-1, AUTH-2, PROC-2 (INTEROP §7): who registered at any process logs in at every other with the same
/// password and no other. Nobody renews a hash of the other's making: that would end every other session.
pub(crate) async fn who_registers_at_one_logs_in_at_another(ground: Ground) {
    let fleet = ground.fleet().await;
    let tables = Tables::of(&fleet, ground).await;
    for home in ALL {
        let people = fleet.people.on_process(home);
        let alice = people.register(&format!("alice{home}"), "staff").await;
        let alice = alice.unwrap();
        let hash = format!("SELECT password FROM chat_user WHERE id = {}", alice.id);
        let registered = tables.text(&hash).await;
        assert!(registered.starts_with("pbkdf2_sha256$1000$"));

        let mut sessions = Vec::new();
        for there in ALL {
            let alice = alice.on_process(there);
            let wrong = json!({"username": alice.username, "password": "another-9"});
            let refused = alice.client.post("/api/login/", &wrong).await.unwrap();
            assert_eq!(refused.status, 401, "{home} to {there}");

            let browser = alice.with(alice.client.stranger());
            sessions.push(browser.login().await.unwrap());
            assert_eq!(tables.text(&hash).await, registered, "{home} to {there}");
        }
        for session in &sessions {
            for process in ALL {
                let me = session.on_process(process).client.get("/api/me/").await;
                assert_eq!(me.unwrap().status, 200, "{home} to {process}");
            }
        }
    }
}
