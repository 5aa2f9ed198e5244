//! The generated questions: each kind draws stories of a few steps from what the suite's properties draw from.

mod connections;
mod requests;

use proptest::strategy::BoxedStrategy;

use chat_fixtures::replay::Case;

use super::step::{makes_chat, rest};

/// One kind of generated question.
#[derive(Debug)]
pub(super) struct Kind {
    /// The clauses it is about: the first gives it its name.
    pub(super) clauses: &'static [&'static str],
    /// What is drawn.
    pub(super) name: &'static str,
    /// Every how many cases one is drawn; where passwords are hashed, more.
    pub(super) every: u32,
    /// The strategy.
    pub(super) draws: fn() -> BoxedStrategy<Vec<Case>>,
}

/// Every kind that draws single questions, in the contract's order.
#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    Kind { clauses: &["REG-5", "REG-7"], name: "any_registration", every: 3, draws: requests::registrations },
    Kind { clauses: &["AUTH-8", "AUTH-10"], name: "any_login", every: 10, draws: requests::logins },
    Kind { clauses: &["AUTH-5"], name: "any_cookie", every: 3, draws: requests::cookies },
    Kind { clauses: &["CSRF-2"], name: "any_token", every: 3, draws: requests::tokens },
    Kind { clauses: &["CHAT-5", "HTTP-5"], name: "any_chat", every: 3, draws: requests::chats },
    Kind { clauses: &["CHAT-6", "HTTP-5"], name: "any_change_of_a_chat", every: 3, draws: requests::changes },
    Kind { clauses: &["CHAT-5"], name: "any_odd_id", every: 3, draws: requests::odd_ids },
    Kind { clauses: &["SEND-6", "HTTP-5"], name: "any_body_of_a_message", every: 3, draws: requests::messages },
    Kind { clauses: &["SEND-6"], name: "any_content_by_rest", every: 3, draws: requests::contents_by_rest },
    Kind { clauses: &["HTTP-1", "HTTP-5", "AUTH-10"], name: "any_request", every: 2, draws: requests::anything },
    Kind { clauses: &["WS-18"], name: "any_address_of_a_connection", every: 3, draws: connections::addresses },
    Kind { clauses: &["WS-5"], name: "any_object_without_content", every: 3, draws: connections::objects_without_content },
    Kind { clauses: &["WS-6", "WS-14"], name: "any_text_that_is_no_json", every: 3, draws: connections::no_json },
    Kind { clauses: &["WS-7"], name: "any_other_fields", every: 3, draws: connections::other_fields },
    Kind { clauses: &["WS-8"], name: "any_content_beside_another_chat", every: 10, draws: connections::beside_another_chat },
    Kind { clauses: &["WS-11"], name: "any_content_by_socket", every: 3, draws: connections::contents_by_socket },
    Kind { clauses: &["WS-11"], name: "any_number", every: 3, draws: connections::numbers },
    Kind { clauses: &["WS-14"], name: "any_json_that_is_no_object", every: 3, draws: connections::no_objects },
    Kind { clauses: &["WS-15"], name: "any_list_or_object_as_content", every: 3, draws: connections::lists },
    Kind { clauses: &["WS-16"], name: "what_cannot_be_stored", every: 3, draws: connections::not_storable },
    Kind { clauses: &["WS-17"], name: "any_bytes", every: 10, draws: connections::bytes },
];

impl Kind {
    /// `generated/WS-14/any_json_that_is_no_object`.
    pub(super) fn id(&self) -> String {
        format!(
            "generated/{}/{}",
            self.clauses.first().copied().unwrap_or_default(),
            self.name
        )
    }
}

fn a_chat(with: &[&str]) -> Case {
    makes_chat("alice", 1, "chat", with)
}

fn history() -> Case {
    rest("alice", "GET", "/api/chats/<chat 1>/messages/", |_| {})
}

/// Who has no session.
pub(super) const NOBODY: &str = "anonymous";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use chat_fixtures::contract::clause;
    use proptest::{
        strategy::{Strategy, ValueTree},
        test_runner::TestRunner,
    };

    use super::*;

    #[test]
    fn every_kind_is_about_clauses_that_there_are_and_draws() {
        let mut runner = TestRunner::deterministic();
        for kind in KINDS {
            assert!(
                kind.clauses.iter().all(|id| clause(id).is_some()),
                "{kind:?}"
            );
            let steps = (kind.draws)().new_tree(&mut runner).unwrap().current();
            assert!(!steps.is_empty(), "{kind:?}");
        }
    }
}
