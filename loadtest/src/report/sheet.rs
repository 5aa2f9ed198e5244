//! A text for people in a terminal as it is written: titles, lines that hang below their label, colour where wanted.

use anstyle::{AnsiColor, Style};

/// A report under way.
pub(super) struct Sheet {
    coloured: bool,
    pub(super) text: String,
}

impl Sheet {
    pub(super) const fn new(coloured: bool) -> Self {
        let text = String::new();
        Self { coloured, text }
    }

    pub(super) fn title(&mut self, title: &str) {
        let title = self.styled(BOLD, title);
        self.line("");
        self.line(&title);
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub(super) fn hanging(&mut self, label: &str, text: &str) {
        self.wrapped(label, label.chars().count(), text);
    }

    /// Text after a label that takes so many columns, its further lines below where it began.
    pub(super) fn wrapped(&mut self, label: &str, indent: usize, text: &str) {
        let (mut line, mut columns) = (label.to_owned(), indent);
        for (place, word) in text.split(' ').enumerate() {
            let length = word.chars().count();
            if place > 0 && columns + 1 + length > WIDTH {
                self.line(&line);
                (line, columns) = (" ".repeat(indent), indent);
            } else if place > 0 {
                line.push(' ');
                columns += 1;
            }
            line.push_str(word);
            columns += length;
        }
        self.line(&line);
    }

    pub(super) fn styled(&self, style: Style, text: &str) -> String {
        if self.coloured {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The columns that the longest of these takes.
pub(super) fn widest(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}

pub(super) const fn green() -> Style {
    AnsiColor::Green.on_default()
}

pub(super) const fn red() -> Style {
    AnsiColor::Red.on_default()
}

pub(super) const fn yellow() -> Style {
    AnsiColor::Yellow.on_default()
}

pub(super) const BOLD: Style = Style::new().bold();
/// Columns of a line; the rows of tables may be longer.
const WIDTH: usize = 110;
