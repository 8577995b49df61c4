//! A target: libFuzzer's inputs go to a check of `paywand-readers`, which also has a word in how they are changed.

#[doc(hidden)]
pub use libfuzzer_sys;
#[doc(hidden)]
pub use paywand_readers as readers;

/// The target of the check `$name`.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        use $crate::libfuzzer_sys::{self, fuzz_mutator, fuzz_target, fuzzer_mutate};

        fuzz_target!(|input: &[u8]| $crate::readers::fuzz($name, input));
        fuzz_mutator!(|input: &mut [u8], size: usize, most: usize, seed: u32| {
            $crate::readers::mutate($name, input, size, most, seed, fuzzer_mutate)
        });
    };
}
