//! JSON as Python's json.loads reads it.
