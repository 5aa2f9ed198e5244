//! Many people at once, judged afterwards by the ledger.

use crate::checks;

checks! {}
