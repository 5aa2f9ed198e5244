//! What one process shares between its connections.

use std::sync::Arc;

use crate::channel_layer::ChannelLayer;
use crate::config::Settings;
use crate::metrics::Metrics;
use crate::store::Store;

/// The parts of a running process. Handlers get it as `Arc<App>`.
pub struct App {
    /// How the process was asked to behave.
    pub settings: Settings,
    /// Users, sessions, chats, messages.
    pub store: Store,
    /// How messages reach the rooms of every process.
    pub layer: ChannelLayer,
    /// What the process counts.
    pub metrics: Arc<Metrics>,
}
