//! The lines that open connections and send frames: websocat reads each from a pipe.

use super::Steps;
use crate::{
    report::visible::on_one_line,
    reproduction::{shell::folded, spelling::jar},
    transcript::{Entry, Event, Text},
};

impl<'a> Steps<'a> {
    pub(super) fn connects(&mut self, entry: &'a Entry) {
        let Event::Request { url, headers, .. } = &entry.event else {
            return;
        };
        let (base, path) = self.names.place(url);
        let jar = jar(&entry.who);
        let fd = FIRST + self.open.len();
        let number = self
            .coming
            .get_mut(entry.who.as_str())
            .filter(|numbers| !numbers.is_empty())
            .map(|numbers| numbers.remove(0));
        let Some(number) = number.filter(|_| fd <= LAST) else {
            self.says(&format!(
                "here {} connects to {path}, and neither says nor hears anything",
                entry.who
            ));
            return;
        };
        self.speaks = true;
        self.open.insert(number, fd);
        let mut words = vec!["websocat".to_owned()];
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        {
            words.push(format!("-H=\"Cookie: $(cookies {jar})\""));
        }
        for (name, value) in headers {
            if !OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                words.push(format!(
                    "-H={}",
                    self.names.text(&format!("{name}: {value}"))
                ));
            }
        }
        words.push(format!(
            "\"ws{}\"{}",
            base.replace('}', "#http}"),
            self.names.path(path)
        ));
        self.lines.push(format!(
            "mkfifo say.{fd} # connection #{number}, {}'s",
            on_one_line(&entry.who, 40)
        ));
        self.lines.push(format!(
            "{} < say.{fd} > {jar}.{fd}.heard &",
            folded(&words)
        ));
        self.lines.push(format!("exec {fd}> say.{fd}; sleep 1"));
    }

    pub(super) fn sends(&mut self, who: &str, connection: u64, frame: &Text) {
        let Some(fd) = self.open.get(&connection) else {
            return self.says(&format!(
                "here {who}'s connection #{connection} sends {}",
                frame.text
            ));
        };
        let fd = *fd;
        if frame.text.starts_with("(close") {
            self.lines.push(format!(
                "exec {fd}>&- # {who}'s connection #{connection} says goodbye"
            ));
        } else if frame.text.starts_with('(') || frame.cut || frame.text.contains('\n') {
            self.says(&format!(
                "here {who}'s connection #{connection} sends a frame of {} bytes, not to be shown by a line: {}",
                frame.bytes, frame.text
            ));
        } else {
            self.lines.push(format!(
                "printf '%s\\n' {} >&{fd} # connection #{connection}",
                self.names.text(&frame.text)
            ));
            self.sent = true;
        }
    }
}

/// The file descriptors that `sh` leaves to a script.
const FIRST: usize = 3;
const LAST: usize = 9;
/// Headers that websocat sends of itself.
const OWN: [&str; 4] = [
    "connection",
    "upgrade",
    "sec-websocket-version",
    "sec-websocket-key",
];
