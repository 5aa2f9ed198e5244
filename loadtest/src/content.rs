//! What a message carries: who sent it as which one, when it was due and when it was really sent.
//!
//! ```text
//! ~load1 <run> <room> <sender> <seq> <due µs> <sent µs>~xxxxxxxx…
//! ```
//!
//! Only characters that no JSON writer escapes, so that it can be found in a frame without parsing it. Times
//! count from the run's beginning on the device's own clock; a room is of one device, so one clock measures it.

use std::fmt::{self, Write as _};

/// Which run: what other runs and other people say is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run(pub u32);

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Which message: the `seq`-th that this member of the room has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The member's number in its room.
    pub sender: u32,
    /// Counted from 0.
    pub seq: u32,
}

/// What a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Of which run.
    pub run: Run,
    /// Into which room.
    pub room: u32,
    /// Which one.
    pub key: Key,
    /// When it was due, in µs since the run's beginning.
    pub due: u64,
    /// When it was sent, in µs since the run's beginning.
    pub sent: u64,
}

impl Stamp {
    /// Writes a content of `length` bytes; more where the stamp alone is longer.
    pub fn write(&self, length: usize, content: &mut String) {
        let began = content.len();
        let Self {
            run,
            room,
            key,
            due,
            sent,
        } = self;
        // Writing to a string does not fail.
        let _ = write!(
            content,
            "{OPEN}{run} {room} {} {} {due} {sent}{CLOSE}",
            key.sender, key.seq
        );
        let padding = (began + length).saturating_sub(content.len());
        content.extend(std::iter::repeat_n(PADDING, padding));
    }

    /// Finds a stamp in a text: a content, or a whole frame.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let begin = text.find(OPEN)? + OPEN.len();
        let length = text.get(begin..)?.find(CLOSE)?;
        let mut words = text.get(begin..begin + length)?.split(' ');
        let mut word = || words.next();
        let run = Run(u32::from_str_radix(word()?, 16).ok()?);
        let room = word()?.parse().ok()?;
        let key = Key {
            sender: word()?.parse().ok()?,
            seq: word()?.parse().ok()?,
        };
        let due = word()?.parse().ok()?;
        let sent = word()?.parse().ok()?;
        words.next().is_none().then_some(Self {
            run,
            room,
            key,
            due,
            sent,
        })
    }
}

/// The least length of a content: what a stamp takes at most in a run of a day.
pub const LEAST: usize = 64;

const OPEN: &str = "~load1 ";
const CLOSE: char = '~';
const PADDING: char = 'x';

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            run: Run(0xbeef),
            room: 17,
            key: Key { sender: 3, seq: 42 },
            due: 1_000_000,
            sent: 1_000_017,
        }
    }

    #[test]
    fn a_stamp_is_found_in_the_frame_it_travelled_in() {
        let mut content = String::new();
        stamp().write(64, &mut content);
        assert_eq!(content.len(), 64);
        let frame = format!(r#"{{"type": "message", "message": {{"content": "{content}"}}}}"#);
        assert_eq!(Stamp::find(&frame), Some(stamp()));
    }

    #[test]
    fn what_is_cut_short_or_has_more_words_is_no_stamp() {
        let mut content = String::new();
        stamp().write(0, &mut content);
        assert_eq!(Stamp::find(&content[..content.len() - 1]), None);
        assert_eq!(Stamp::find(&content.replace(" 17 ", " 17 17 ")), None);
        assert_eq!(Stamp::find(&content.replace(" 17 ", " x ")), None);
        assert_eq!(Stamp::find("nothing"), None);
    }
}
