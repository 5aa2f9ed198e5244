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
//! | `crowd` | many people who talk at once; what they send and hear goes into a ledger |
//! | [`plan`], [`model`] | sequences of what people do, drawn, told, kept, played; what a sound server does about them |
//! | [`property`] | inputs drawn at random, and made smaller when they break something |
//! | [`transcript`] | what was sent and heard, redacted |
//! | [`report`] | the results, and a file for each form of report |

pub mod cast;
pub mod check;
pub mod checks;
pub mod context;
mod crowd;
pub mod expect;
pub mod fleet;
pub mod model;
pub mod plan;
pub mod property;
mod python;
pub mod report;
pub mod run;
pub mod runner;
pub mod shape;
pub mod target;
pub mod transcript;
