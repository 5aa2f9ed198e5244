//! Listeners, accept loop, orderly shutdown.
