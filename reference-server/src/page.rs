//! The test page (FLOW-5).
