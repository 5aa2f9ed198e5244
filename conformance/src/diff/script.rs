//! A story as a shell script that plays it on both servers, one after the other.

mod command;
mod word;

use chat_fixtures::replay::{Case, LIVE, Request};

use self::{
    command::{commands, newcomer},
    word::quoted,
};
use super::{
    kinds::NOBODY,
    step::{PASSWORD, line, shown, who},
};
use crate::reproduction::Way;

/// The script: `curl` for requests, `websocat` for frames. It registers people of its own.
pub(super) fn script(title: &str, story: &[Case], bases: [&str; 2], way: &Way) -> String {
    let speaks = story.iter().any(speaks);
    let mut lines = vec![
        "#!/usr/bin/env bash".to_owned(),
        comment(&format!(
            "{title}, by hand on both. It needs curl{}.",
            if speaks { AND_WEBSOCAT } else { "" }
        )),
    ];
    lines.extend(way.lines(speaks));
    lines.push(PRELUDE.trim_end().to_owned());
    lines.push(format!("password={PASSWORD}"));
    lines.push("story() {".to_owned());
    lines.extend(played(story).into_iter().map(|line| format!("    {line}")));
    lines.push("}".to_owned());
    let [original, candidate] = bases.map(quoted);
    lines.push(format!("on original {original}"));
    lines.push(format!("on candidate {candidate}"));
    lines.join("\n") + "\n"
}

/// The lines of the story: each step, after what it takes to be taken.
fn played(story: &[Case]) -> Vec<String> {
    let mut lines: Vec<_> = not_registered_by(story)
        .into_iter()
        .map(|name| format!("register {name}"))
        .collect();
    let mut newcomers: Vec<(String, String)> = Vec::new();
    let mut live_chat = story.iter().position(needs_live_chat);
    for (n, step) in story.iter().enumerate() {
        let is_login = is_at(step, "/api/login/");
        // Who has registered is logged in before they do anything else, as nobody says in a recording.
        newcomers.retain(|(name, login)| {
            let acts = name_of(step) == Some(name.as_str()) || live_chat == Some(n);
            if acts && !is_login {
                lines.push(login.clone());
            }
            !acts
        });
        if live_chat == Some(n) {
            lines.extend(LIVE_CHAT_MADE.map(str::to_owned));
            live_chat = None;
        }
        lines.push(comment(&line(step)));
        lines.extend(commands(step));
        if let (Request::Rest(rest), true) = (&step.request, is_at(step, "/api/register/")) {
            newcomers.extend(newcomer(rest));
        }
    }
    lines
}

/// Who has to have an account and a session already.
fn not_registered_by(story: &[Case]) -> Vec<&str> {
    let text = format!("{story:?}");
    let registering = || story.iter().filter(|step| is_at(step, "/api/register/"));
    let mut names: Vec<_> = story.iter().filter_map(name_of).collect();
    names.extend(EVERYBODY.into_iter().filter(|name| {
        text.contains(&format!("<{name}>")) || text.contains(&format!("<{name}'s session>"))
    }));
    if story.iter().any(needs_live_chat) {
        names.extend(["alice", "bob"]);
    }
    names.sort_unstable();
    names.dedup();
    names.retain(|name| {
        let symbol = format!("<{name}>");
        ![NOBODY, "stranger"].contains(name)
            && !registering().any(|step| shown(step) == Some(&symbol))
    });
    names
}

/// Whose step it is: bob's also where he has a session that is over.
fn name_of(step: &Case) -> Option<&str> {
    let name = who(step)?;
    name.split(',').next()
}

fn is_at(step: &Case, path: &str) -> bool {
    matches!(&step.request, Request::Rest(rest) if rest.method == "POST" && rest.path == path)
}

fn needs_live_chat(step: &Case) -> bool {
    let is_there = matches!(
        &step.request,
        Request::Talk {
            websocket: None,
            ..
        }
    );
    is_there || format!("{:?}", step.request).contains(LIVE)
}

fn speaks(step: &Case) -> bool {
    matches!(step.request, Request::Live(_) | Request::Talk { .. })
}

fn comment(text: &str) -> String {
    format!("# {}", text.replace('\n', "\\n"))
}

/// Who plays without being registered by a step.
const EVERYBODY: [&str; 4] = ["alice", "bob", "carol", "dave"];
const AND_WEBSOCAT: &str =
    ", and websocat for frames, which does not tell the code that a connection is closed with";
const LIVE_CHAT_MADE: [&str; 2] = [
    r#"ask alice POST /api/chats/ -H "X-CSRFToken: $(cookie alice csrftoken)" -H 'Content-Type: application/json' -d "{\"name\":\"live\",\"participant_ids\":[$id_bob]}""#,
    "live_chat=$(id)",
];
/// What the lines of a script use.
const PRELUDE: &str = include_str!("script/prelude.sh");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::step::{connects, makes_chat, registers, rest, says, sends};

    #[test]
    fn symbols_become_variables_and_people_are_registered() {
        let story = [
            makes_chat("alice", 1, "it's", &["bob"]),
            sends(
                "alice",
                "POST",
                "/api/chats/<chat 1>/send_message/",
                &json!({"content": "<b>"}),
            ),
            connects("bob", 1, 1),
            says(1, "{}".into()),
            says(1, vec![0, 255].into()),
            rest(NOBODY, "GET", "/api/me/", |_| {}),
            registers("nina"),
            rest("nina", "GET", "/api/me/", |_| {}),
        ];
        let script = script("it", &story, ["http://a", "http://b"], &Way::default());
        for line in [
            "    register alice",
            "    register bob",
            r#"    ask alice POST '/api/chats/' -H "X-CSRFToken: $(cookie alice csrftoken)" -H 'Content-Type: application/json' --data-raw '{"name":"it'\''s","participant_ids":['"${id_bob-<bob>}"']}'"#,
            "    chat_1=$(id)",
            r#"    open 1 bob '/ws/chat/'"${chat_1-<chat 1>}"'/'"#,
            "    say 1 '{}'",
            r#"    say_bytes 1 "$(printf '\x00\xff' | base64 -w 0)""#,
            "    ask anonymous GET '/api/me/'",
            "    id_nina=$(id)",
            r#"    login nina 'nina'"-$run"'' 'correct-horse-9'"#,
            "    ask nina GET '/api/me/'",
            "on candidate 'http://b'",
        ] {
            assert!(script.contains(&format!("{line}\n")), "{line}\n\n{script}");
        }
        for nobody in ["anonymous", "nina"] {
            assert!(!script.contains(&format!("register {nobody}")));
        }
    }
}
