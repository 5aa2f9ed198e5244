//! A plan as a shell script, for somebody who wants to see it happen by hand.

use std::fmt::Write;

use serde_json::json;

use super::{Move, Plan, Step, Who};

/// The script: `curl` for the requests, `websocat` for the connections. What each step should bring is in the story.
pub fn script(plan: &Plan) -> String {
    let mut script = PRELUDE.to_owned();
    for who in Who::ALL.into_iter().filter(|who| !who.is_new()) {
        let takes_part = plan.steps.iter().any(|step| {
            step.who == who
                || matches!(&step.does, Step::Create { with, .. } if with.contains(&who))
        });
        if takes_part {
            let _ = writeln!(script, "register {who}; login {who}");
        }
    }
    for (n, step) in plan.steps.iter().enumerate() {
        let _ = write!(script, "\n# {}. {step}\n{}\n", n + 1, command(step));
    }
    script
}

fn command(step: &Move) -> String {
    let Move { who, on, does } = step;
    let ask = |method: &str, path: &str, body: &serde_json::Value| {
        let body = if body.is_null() {
            String::new()
        } else {
            quoted(&body.to_string())
        };
        format!("ask {who} {on} {method} {path} {body}")
            .trim_end()
            .to_owned()
    };
    let none = &serde_json::Value::Null;
    match does {
        Step::Register => format!("register {who}"),
        Step::Login => format!("login {who}"),
        Step::Logout => ask("POST", "/api/logout/", &json!({})),
        Step::Me => ask("GET", "/api/me/", none),
        Step::Chats => ask("GET", "/api/chats/", none),
        Step::Messages => ask("GET", "/api/messages/", none),
        Step::Create { chat, name, with } => {
            let ids: Vec<_> = with.iter().map(|who| format!("'\"$id_{who}\"'")).collect();
            let name = quoted(&json!(name).to_string());
            let name = name.trim_matches('\'');
            let body = format!(
                "'{{\"name\":{name},\"participant_ids\":[{}]}}'",
                ids.join(",")
            );
            format!(
                "chat{chat}=$(ask {who} {on} POST /api/chats/ {body} | tee /dev/stderr | first_id)"
            )
        }
        Step::Rename { chat, name } => ask(
            "PATCH",
            &format!("/api/chats/$chat{chat}/"),
            &json!({"name": name}),
        ),
        Step::Delete { chat } => ask("DELETE", &format!("/api/chats/$chat{chat}/"), none),
        Step::Look { chat } => ask("GET", &format!("/api/chats/$chat{chat}/"), none),
        Step::History { chat } => ask("GET", &format!("/api/chats/$chat{chat}/messages/"), none),
        Step::Post { chat, content } => ask(
            "POST",
            &format!("/api/chats/$chat{chat}/send_message/"),
            &json!({"content": content}),
        ),
        Step::Connect { chat, connection } => format!("open {who} {on} $chat{chat} {connection}"),
        Step::Say {
            connection,
            content,
        } => {
            format!(
                "say {connection} {}",
                quoted(&json!({"content": content}).to_string())
            )
        }
        Step::Disconnect { connection } => format!("hang_up {connection}"),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The servers of a script that nobody has told others.
pub(crate) const ANY_BASE: &str = "http://127.0.0.1:8000";
const PRELUDE: &str = r#"#!/usr/bin/env bash
# BASES are the deployment's URLs, one a process. Needs curl, and websocat where somebody connects.
set -u
BASES=(${BASES:-http://127.0.0.1:8000})
run=$$
cd "$(mktemp -d)" || exit

base() { echo "${BASES[$(($1 % ${#BASES[@]}))]}"; }
cookie() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar" 2>/dev/null; }
first_id() { sed 's/^[^0-9]*"id": *\([0-9]*\).*/\1/'; }
ask() { # who process method path [body]
    curl -sS -b "$1.jar" -c "$1.jar" -X "$3" -H "X-CSRFToken: $(cookie "$1" csrftoken)" \
        ${5+-H 'Content-Type: application/json' -d "$5"} "$(base "$2")$4"
    echo
}
register() {
    touch "$1.jar"
    declare -g "id_$1=$(ask "$1" 0 POST /api/register/ "{\"username\":\"$1-$run\",\"password\":\"correct-horse-8\",\"password_confirm\":\"correct-horse-8\"}" | first_id)"
}
login() { ask "$1" 0 POST /api/login/ "{\"username\":\"$1-$run\",\"password\":\"correct-horse-8\"}"; }
open() { # who process chat connection: what it hears is printed
    mkfifo "in$4"
    url="$(base "$2")/ws/chat/$3/"
    websocat -H="Cookie: sessionid=$(cookie "$1" sessionid)" "ws${url#http}" <"in$4" | sed "s/^/$4 hears /" &
    exec {fd}>"in$4"
    declare -g "fd$4=$fd"
    sleep 0.3
}
say() { fd="fd$1"; echo "$2" >&"${!fd}"; sleep 0.3; }
hang_up() { fd="fd$1"; eval "exec ${!fd}>&-"; sleep 0.3; }

"#;
