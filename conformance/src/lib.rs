//! Asks a chat server, black box, whether it keeps the contract. The way of a run:
//! [`target`] → [`run`] (people are registered) → [`runner`] → [`report`] → exit code. Where to look:
//!
//! | room | what it holds |
//! |---|---|
//! | [`checks`] | the checks themselves, a file for each area of the contract, a table at the top of each |
//! | [`check`] | what a check is and what may come of it |
//! | [`context`] | what a check is given: people, chats, connections, a seed, deployments it may break |
//! | [`expect`], [`shape`] | assertions that name expected and actual |
//! | [`target`], [`fleet`], [`cast`] | whom it asks; what it starts itself; who plays |
//! | [`transcript`] | what was sent and heard, redacted |
//! | [`reproduction`] | a transcript as a script to paste |
//! | [`report`] | the results, and a file for each form of report |

pub mod cast;
pub mod check;
pub mod checks;
pub mod context;
pub mod expect;
pub mod fleet;
pub mod report;
pub mod reproduction;
pub mod run;
pub mod runner;
pub mod shape;
pub mod target;
pub mod transcript;
