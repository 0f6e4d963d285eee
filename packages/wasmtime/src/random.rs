//! What `random_get` gives: the keystream of ChaCha20 (RFC 8439) under the request's seed, nonce 0, from block 0 on.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};

pub struct SeededRandom {
    seed: [u8; 32],
    /// Made when it is first asked for: most programs never do.
    stream: Option<ChaCha20>,
}

impl SeededRandom {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, stream: None }
    }

    pub fn fill(&mut self, target: &mut [u8]) {
        let seed = &self.seed;
        let stream = self.stream.get_or_insert_with(|| ChaCha20::new(seed.into(), &[0; 12].into()));
        target.fill(0);
        stream.apply_keystream(target);
    }
}
