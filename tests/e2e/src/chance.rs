//! What happens next, by a seed (splitmix64).

/// A run of numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The run of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of `all`.
    pub fn one<T: Clone>(&mut self, all: &[T]) -> T {
        let place = self.below(u64::try_from(all.len()).expect("it fits"));
        all[usize::try_from(place).expect("it fits")].clone()
    }
}
