//! One input as proptest draws it, and the smaller ones that come after it.

use proptest::{
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// An input and the way down from it.
///
/// proptest's trees cannot be kept while a check waits for a server: they may not pass from thread to thread.
/// What is kept is the seed and the steps taken, and the tree is grown again for each.
#[derive(Debug, Clone)]
pub(crate) struct Draw<T> {
    drawn: fn() -> BoxedStrategy<T>,
    seed: [u8; 32],
    /// For each candidate tried so far, whether it broke the property.
    way: Vec<bool>,
}

impl<T: std::fmt::Debug> Draw<T> {
    /// The `n`-th input of a seed.
    pub(crate) fn new(drawn: fn() -> BoxedStrategy<T>, seed: u64, n: usize) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&(n as u64).to_le_bytes());
        Self {
            drawn,
            seed: bytes,
            way: Vec::new(),
        }
    }

    /// The candidate it has come to; none, when the strategy gives up (its filters refuse too much).
    pub(crate) fn current(&self) -> Option<T> {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &self.seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tree = (self.drawn)().new_tree(&mut runner).ok()?;
        let goes_on = self.way.iter().all(|fails| {
            if *fails {
                tree.simplify()
            } else {
                tree.complicate()
            }
        });
        goes_on.then(|| tree.current())
    }

    /// The next candidate, now that the current one broke the property or did not; none at the end of the way.
    pub(crate) fn next(&mut self, fails: bool) -> Option<T> {
        self.way.push(fails);
        self.current()
    }
}
