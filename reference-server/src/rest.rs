//! The REST half of the contract.
