//! For which channels of a process an entry is (INTEROP §1.4).

use serde_json::{Map, Value};

use super::DecodeError;

/// An entry of a queue, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// For which channels of the process it is.
    pub route: Route,
    /// The event without its routing key, keys in the order sent. Raw bytes, which JSON cannot hold,
    /// are `{"__bytes_hex__": "00ff"}`.
    pub event: Map<String, Value>,
}

/// What the routing key of an entry said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A `group_send`: all members behind the queue.
    Members(Vec<String>),
    /// A `send` to one channel with `!`.
    Channel(String),
    /// A `send` to a general channel.
    Unnamed,
}

/// Takes the routing key out of an event.
pub(super) fn routed(mut event: Map<String, Value>) -> Result<Received, DecodeError> {
    let route = match event.shift_remove(ROUTING_KEY) {
        None => Route::Unnamed,
        Some(Value::String(channel)) => Route::Channel(channel),
        Some(Value::Array(members)) => {
            Route::Members(members.into_iter().map(text).collect::<Result<_, _>>()?)
        }
        Some(_) => return Err(DecodeError::Route),
    };
    Ok(Received { route, event })
}

fn text(value: Value) -> Result<String, DecodeError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(DecodeError::Route),
    }
}

const ROUTING_KEY: &str = "__asgi_channel__";
