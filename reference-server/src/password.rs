//! Password hashes as Django writes them (INTEROP §7).
