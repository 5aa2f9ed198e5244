//! One WebSocket: authenticate → join → pump → leave.
