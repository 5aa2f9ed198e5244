//! str(), int() and str.strip() as Python does them.
