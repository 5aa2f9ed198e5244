//! Sessions as Django writes them (INTEROP §6).
