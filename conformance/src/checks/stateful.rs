//! Any sequence of what people do, compared with a model.

use crate::checks;

checks! {}
