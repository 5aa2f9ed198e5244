//! A server that does not start: it says one sentence and touches nothing.

use crate::run::{Ended, Folder};

/// Runs the server as told; it must refuse, with a sentence that holds each of `words`, and touch nothing.
pub(crate) async fn refuses(folder: &Folder, args: &[&str], words: &[&str]) -> Ended {
    let before = folder.contents();
    let ended = folder.run(args, &[("CHAT_PORT", "0")]).await;
    says_one_sentence(&ended, words);
    assert_eq!(folder.contents(), before, "{args:?} changed the folder");
    ended
}

/// The whole of what it said: one sentence with each of `words`.
pub(crate) fn says_one_sentence(ended: &Ended, words: &[&str]) {
    let Ended {
        code,
        stdout,
        stderr,
    } = ended;
    assert!(matches!(code, Some(1 | 2)), "{ended:?}");
    assert_eq!(stdout, "");
    // What is wrong with a single argument is followed by where to find help.
    let (sentence, rest) = stderr.split_once('\n').unwrap();
    assert!(sentence.starts_with("error: "), "{stderr}");
    assert!(rest.is_empty() || rest.contains("try '--help'"), "{stderr}");
    for word in words {
        assert!(sentence.contains(word), "{word:?} is missing: {stderr}");
    }
}
