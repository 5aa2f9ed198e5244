//! Who is connected to which chat, and how one message reaches them all.
