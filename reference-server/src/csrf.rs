//! Cross-site request forgery checks, in Django's order and words (INTEROP §8).
