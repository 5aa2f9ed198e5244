//! Lines as a reader wants them: broken at words, hanging below their label, coloured where that is wanted.

use anstyle::Style;

use super::Page;

impl Page {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Text after a label, its further lines below where it began.
    pub(super) fn wrapped(&mut self, label: &str, text: &str) {
        let mut indent: String = label
            .chars()
            .map(|c| if c == '│' { c } else { ' ' })
            .collect();
        if label.trim().is_empty() {
            indent = label.to_owned();
        }
        self.hanging(label, &indent, text);
    }

    pub(super) fn hanging(&mut self, first: &str, further: &str, text: &str) {
        let mut indent = first;
        for paragraph in text.replace('\t', "    ").split('\n') {
            let mut rest = paragraph;
            loop {
                let room = WIDTH.saturating_sub(indent.chars().count());
                let (line, more) = rest.split_at(end_of_line(rest, room));
                self.line(&format!("{indent}{line}"));
                indent = further;
                rest = more.trim_start_matches(' ');
                if rest.is_empty() {
                    break;
                }
            }
        }
    }

    pub(super) fn styled(&self, style: Style, text: &str) -> String {
        if self.coloured {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Names one after the other, none of them broken.
    pub(super) fn names(&mut self, indent: &str, names: &[String]) {
        let mut line = indent.to_owned();
        for (n, name) in names.iter().enumerate() {
            let comma = if n + 1 < names.len() { "," } else { "" };
            let width = line.chars().count() + name.chars().count() + comma.len() + 1;
            if line != indent && width > WIDTH {
                self.line(&line);
                line = indent.to_owned();
            }
            if line != indent {
                line.push(' ');
            }
            line.push_str(name);
            line.push_str(comma);
        }
        self.line(&line);
    }
}

/// Where a line of so many characters ends: at a space near its end, or before a name that does not fit, or in
/// the middle of a word, for JSON without spaces would leave half of every line empty.
fn end_of_line(text: &str, room: usize) -> usize {
    let Some((end, _)) = text.char_indices().nth(room.max(1)) else {
        return text.len();
    };
    if text[end..].starts_with(' ') {
        return end;
    }
    let space = text[..end].rfind(' ');
    let near = space.filter(|space| {
        let word = text[*space..].split_whitespace().next().unwrap_or_default();
        is_name(word) || text[*space..end].chars().count() <= RAGGED
    });
    near.unwrap_or_else(|| before_marks(text, end))
}

/// Whether it is a word that a reader may want to copy: a check's id, a path.
fn is_name(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.,:;()".contains(c);
    word.len() <= WIDTH / 2 && word.chars().all(plain)
}

/// The same end or an earlier one, so that no comma begins the next line.
fn before_marks(text: &str, mut end: usize) -> usize {
    while text[end..].starts_with([',', ';', '.', ')']) {
        let Some((before, _)) = text[..end].char_indices().next_back() else {
            break;
        };
        if before == 0 {
            break;
        }
        end = before;
    }
    end
}

/// Columns of a line; commands to paste may be longer.
const WIDTH: usize = 108;
/// How many columns at its end a line may leave free for a word that comes whole.
const RAGGED: usize = 24;
