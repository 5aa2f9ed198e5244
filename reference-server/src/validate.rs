//! Django REST framework's field rules and words.
