//! The Markdown of clauses, which is code and bold and nothing else.

use serde::Serialize;

/// A stretch of a clause's Markdown.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    kind: &'static str,
    text: String,
}

/// Markdown's code and bold; a clause has nothing else.
pub(super) fn pieces(markdown: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (n, stretch) in markdown.split('`').enumerate() {
        if n % 2 == 1 {
            pieces.push(Piece {
                kind: "code",
                text: stretch.to_owned(),
            });
            continue;
        }
        for (n, stretch) in stretch.split("**").enumerate() {
            let kind = if n % 2 == 1 { "strong" } else { "text" };
            if !stretch.is_empty() {
                pieces.push(Piece {
                    kind,
                    text: stretch.to_owned(),
                });
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clauses_code_and_bold_are_found() {
        let piece = |kind, text: &str| Piece {
            kind,
            text: text.to_owned(),
        };
        assert_eq!(
            pieces("`a*` → **b** c"),
            [
                piece("code", "a*"),
                piece("text", " → "),
                piece("strong", "b"),
                piece("text", " c")
            ]
        );
    }
}
