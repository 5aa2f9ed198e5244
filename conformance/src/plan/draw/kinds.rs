//! Which steps are drawn, and how often.

use super::{Draft, Step};

/// How often a kind of step is drawn, beside the others, and how.
pub(super) type Kind = (u32, fn(&mut Draft<'_>));

/// What changes something.
pub(super) const WRITES: &[Kind] = &[
    (2, |draft| {
        let who = draft.somebody();
        draft.creates(who);
    }),
    (1, |draft| {
        draft.in_chat(|draft, chat| Step::Rename {
            chat,
            name: draft.words(),
        });
    }),
    (1, |draft| draft.deletes()),
    (5, |draft| {
        draft.in_chat(|draft, chat| Step::Post {
            chat,
            content: draft.words(),
        });
    }),
];

/// What does not.
pub(super) const READS: &[Kind] = &[
    (2, |draft| draft.in_chat(|_, chat| Step::Look { chat })),
    (4, |draft| draft.in_chat(|_, chat| Step::History { chat })),
    (2, |draft| {
        let who = draft.somebody();
        draft.takes(who, Step::Chats);
    }),
    (1, |draft| {
        let who = draft.somebody();
        draft.takes(who, Step::Messages);
    }),
    (1, |draft| {
        let who = draft.somebody();
        draft.takes(who, Step::Me);
    }),
];

/// What is heard.
pub(super) const TALKS: &[Kind] = &[
    (7, |draft| {
        draft.in_chat(|draft, chat| Step::Connect {
            chat,
            connection: draft.new_number(),
        });
    }),
    (14, |draft| draft.says()),
    (3, |draft| draft.disconnects()),
];
