//! The chat contract, served. Where to look:
//!
//! | room | what happens there |
//! |---|---|
//! | [`config`], [`server`], [`router`] | the command line, the listeners, every route on one screen |
//! | [`rest`], [`validate`], [`json`], [`python`] | a request's way: bodies, field rules and words, answers |
//! | [`session`], [`password`], [`csrf`], [`cookie`], [`signing`], [`timestamp`] | what Django writes, byte for byte |
//! | [`store`] | what outlives a process |
//! | [`socket`], [`rooms`], [`channel_layer`] | a frame's way: parse → store → layer → every connection of the room |
//! | [`metrics`], [`admin`] | what the operator sees |

pub mod admin;
pub mod app;
pub mod channel_layer;
pub mod config;
pub mod cookie;
pub mod csrf;
pub mod json;
pub mod json_dumps;
pub mod metrics;
pub mod page;
pub mod password;
pub mod python;
pub mod rest;
pub mod rooms;
pub mod router;
pub mod server;
pub mod session;
pub mod signing;
pub mod socket;
pub mod store;
pub mod timestamp;
pub mod validate;
