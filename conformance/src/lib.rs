//! Asks a chat server, black box, whether it keeps the contract. The way of a run is one function, [`flow::run`]:
//! [`cli`] → [`target`] → [`probe`] → [`run`] (people are registered) → [`runner`] → [`verdict`] → [`report`] →
//! exit code. Where to look:
//!
//! | room | what it holds |
//! |---|---|
//! | [`mod@checks`] | the checks themselves, a file for each area of the contract, a table at the top of each |
//! | [`check`] | what a check is and what may come of it |
//! | [`context`] | what a check is given: people, chats, connections, a seed, deployments it may break |
//! | [`room`] | a chat with everybody connected, and how they speak and listen |
//! | [`expect`], [`shape`] | assertions that name expected and actual |
//! | `accepted`, `essence` | what a success brought, and what the contract names of it |
//! | `paths`, `everywhere`, `wire` | what is asked, at which processes, and beneath HTTP clients |
//! | [`expect`], [`shape`], `listening` | assertions that name expected and actual; one message among others |
//! | [`target`], [`fleet`], [`cast`] | whom it asks; what it starts itself; who plays |
//! | [`cli`], [`select`], [`accounts`], [`deviations`] | what a user says: options, patterns, files |
//! | [`flow`], [`probe`], `vigil`, [`verdict`] | a run from its beginning to its exit code |
//! | [`listing`], [`progress`] | what is told before, during and after |
//! | `registration`, `set_cookie`, `tokens`, `untouched` | what the checks about accounts and sessions handle |
//! | `crowd` | many people who talk at once; what they send and hear goes into a ledger |
//! | [`plan`], [`model`] | sequences of what people do, drawn, told, kept, played; what a sound server does about them |
//! | [`property`] | inputs drawn at random, and made smaller when they break something |
//! | [`diff`] | two servers asked the same, and where they part |
//! | [`faults`], [`matrix`], [`chaos`] | what a broken server looks like, and whether the checks notice |
//! | [`transcript`] | what was sent and heard, redacted |
//! | [`reproduction`] | a transcript as a script to paste |
//! | [`report`] | the results, and a file for each form of report |

mod accepted;
pub mod accounts;
mod base;
pub mod cast;
pub mod chaos;
pub mod check;
pub mod checks;
pub mod cli;
pub mod context;
mod coverage;
mod crowd;
pub mod deviations;
pub mod diff;
mod essence;
mod everywhere;
pub mod expect;
pub mod farewell;
pub mod faults;
pub mod fleet;
pub mod flow;
pub(crate) mod listening;
pub mod listing;
pub mod matrix;
pub mod model;
mod outsiders;
mod paths;
pub mod plan;
mod planned;
pub mod probe;
pub mod progress;
pub mod property;
mod python;
mod registration;
pub mod report;
pub mod reproduction;
pub mod room;
mod rows;
pub mod run;
pub mod runner;
pub mod select;
mod set_cookie;
pub mod shape;
pub mod target;
mod tokens;
pub mod transcript;
mod untouched;
pub mod verdict;
mod vigil;
mod wire;
