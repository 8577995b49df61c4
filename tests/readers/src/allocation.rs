//! Counts what Rust code allocates, so that a check fails where an input makes its reader take too much.
//!
//! libFuzzer's own limit needs a sanitizer; this needs none, and holds in `cargo test` too. Counts are per thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// The most that one allocation may take.
const LARGEST: usize = 16 << 20;
/// The most that may be alive at once, beyond what was when the check began.
const ALIVE: usize = 64 << 20;

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { largest: 0, alive: 0, most_alive: 0 }) };
}

#[derive(Clone, Copy, Debug)]
struct Counts {
    largest: usize,
    /// What this thread frees for another makes it negative.
    alive: isize,
    most_alive: isize,
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `check`, and fails if it took more than it may.
pub(crate) fn bounded(check: impl FnOnce()) {
    let alive = COUNTS.get().alive;
    COUNTS.set(Counts { largest: 0, alive, most_alive: alive });
    check();
    let after = COUNTS.get();
    let most = usize::try_from(after.most_alive - alive).unwrap_or_default();
    assert!(after.largest <= LARGEST, "one allocation of {} bytes; {LARGEST} are allowed", after.largest);
    assert!(most <= ALIVE, "{most} bytes alive at once; {ALIVE} are allowed");
}

// Allocations never exceed isize::MAX (`Layout`), so the sizes fit.
fn count(taken: usize, given: usize) {
    // The thread may be ending; nobody asks for its counts then.
    let _ = COUNTS.try_with(|counts| {
        let mut now = counts.get();
        now.largest = now.largest.max(taken);
        now.alive += taken as isize - given as isize;
        now.most_alive = now.most_alive.max(now.alive);
        counts.set(now);
    });
}

// SAFETY: every call is passed on to the system's allocator with the same arguments, so its contract is kept as it stands. `count`
// neither allocates nor unwinds: its thread-local is const-initialised, needs no drop, and its arithmetic cannot overflow.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps to the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "one allocation of 16777217 bytes")]
    fn a_large_allocation_is_noticed() {
        bounded(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGEST + 1))));
    }

    #[test]
    #[should_panic(expected = "bytes alive at once")]
    fn many_allocations_alive_together_are_noticed() {
        bounded(|| drop(std::hint::black_box(vec![[0_u8; 1 << 20].to_vec(); 65])));
    }

    #[test]
    fn what_was_given_back_does_not_count() {
        bounded(|| (0..65).for_each(|_| drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)))));
    }
}
