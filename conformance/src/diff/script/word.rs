//! Words of a script: what the language of recordings says with symbols, a shell says with variables.

use chat_fixtures::replay::repeated;

/// A word in which the symbols are variables; `who` is whose token `<csrf>` is.
pub(super) fn filled(who: &str, text: &str) -> String {
    let text = repeated(text);
    let mut word = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        word.push_str(&escaped(before));
        let symbol = after.split_once('>');
        match symbol.and_then(|(name, after)| Some((value(who, name)?, after))) {
            Some((value, after)) => {
                word.push_str(&format!("'\"{value}\"'"));
                rest = after;
            }
            None => {
                word.push('<');
                rest = after;
            }
        }
    }
    word.push_str(&escaped(rest));
    format!("'{word}'")
}

/// A JSON text as such a word: ids stand in it as numbers, unless they are asked for "as text".
pub(super) fn filled_json(who: &str, json: &str) -> String {
    let mut text = String::new();
    let mut after_number = false;
    for (index, part) in json.split('"').enumerate() {
        let symbol = part.strip_suffix(" as text").unwrap_or(part);
        let is_id = variable(symbol).is_some();
        let is_number = is_id && symbol == part;
        if index > 0 && !is_number && !after_number {
            text.push('"');
        }
        text.push_str(if is_id { symbol } else { part });
        after_number = is_number;
    }
    filled(who, &text)
}

/// What a symbol stands for, to a shell.
fn value(who: &str, name: &str) -> Option<String> {
    match name {
        "base" => Some("$origin".to_owned()),
        "host" => Some("${origin#*://}".to_owned()),
        "csrf" => Some(token(who)),
        RUN => Some("-$run".to_owned()),
        _ => match name.strip_suffix("'s session") {
            Some(who) => Some(format!("$(session {})", jar(who))),
            None => {
                let variable = variable(&format!("<{name}>"))?;
                Some(format!("${{{variable}-<{name}>}}"))
            }
        },
    }
}

/// The token that somebody's cookies hold.
pub(super) fn token(who: &str) -> String {
    format!("$(cookie {} csrftoken)", jar(who))
}

/// The shell variable of a symbol.
pub(super) fn variable(symbol: &str) -> Option<String> {
    let name = symbol.strip_prefix('<')?.strip_suffix('>')?;
    match name.split_once(' ') {
        Some(("live", "chat")) => Some("live_chat".to_owned()),
        Some((kind, n)) => {
            let is_numbered = matches!(kind, "chat" | "message") && n.parse::<u32>().is_ok();
            is_numbered.then(|| format!("{kind}_{n}"))
        }
        None => {
            let is_name = name != "csrf" && name.chars().all(|c| c.is_ascii_alphanumeric());
            (is_name && !name.is_empty()).then(|| format!("id_{name}"))
        }
    }
}

/// A word that means just this text.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", escaped(text))
}

/// A name that may be a word and a file; with a session that is over, somebody is who they are.
pub(super) fn jar(who: &str) -> String {
    let (name, _) = who.split_once(',').unwrap_or((who, ""));
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn escaped(text: &str) -> String {
    text.replace('\'', "'\\''")
}

/// Stands for what all names of a run of the script end with.
pub(super) const RUN: &str = "run";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_variables_and_all_else_is_itself() {
        for (text, word) in [
            ("it's <b", r"'it'\''s <b'"),
            (
                "/api/chats/<chat 2>/",
                r#"'/api/chats/'"${chat_2-<chat 2>}"'/'"#,
            ),
            ("<csrf>", r#"''"$(cookie alice csrftoken)"''"#),
            (
                "sessionid=<bob's session>",
                r#"'sessionid='"$(session bob)"''"#,
            ),
            ("<3 times ab>", "'ababab'"),
        ] {
            assert_eq!(filled("alice", text), word);
        }
    }

    #[test]
    fn an_id_is_a_number_unless_it_is_wanted_as_text() {
        let word = filled_json(
            "alice",
            r#"{"ids":["<bob>","<bob as text>","<bob> as text"]}"#,
        );
        let bob = r#"'"${id_bob-<bob>}"'"#;
        assert_eq!(
            word,
            format!(r#"'{{"ids":[{bob},"<bob as text>","{bob}"]}}'"#)
        );
    }
}
