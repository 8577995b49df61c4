//! The only source of chance in the world: seeded, so that a run can be repeated.

/// SplitMix64: enough for nonces and keys of pretend money.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `length` characters out of `alphabet`, which is ASCII.
    #[inline] // dividing by a length that the compiler knows is several times faster
    pub(crate) fn text(&mut self, length: usize, alphabet: &str) -> String {
        let letters = alphabet.as_bytes();
        let mut text = String::with_capacity(length);
        for _ in 0..length {
            text.push(letters[(self.next() % letters.len() as u64) as usize].into());
        }
        text
    }

    pub(crate) fn alphanumeric(&mut self, length: usize) -> String {
        self.text(length, "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789")
    }

    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text(length, "0123456789abcdef")
    }

    pub(crate) fn digits(&mut self, length: usize) -> String {
        self.text(length, "0123456789")
    }
}
