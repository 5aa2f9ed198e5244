//! Cookie headers as Django reads and writes them.
