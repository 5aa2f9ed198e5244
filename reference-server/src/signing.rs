//! Django's signing primitive (INTEROP §5).
