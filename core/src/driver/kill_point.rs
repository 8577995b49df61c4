//! Named boundaries at which a test can end the process as a power cut would. Compiled to nothing in what ships.

use crate::gateway::Operation;

/// Every boundary, in the order of a sale. The first commit is the intent's, the last one the end's.
#[cfg(feature = "kill-points")]
pub const KILL_POINTS: [&str; 14] = [
    "before_commit",
    "after_commit",
    "before_send",
    "after_send",
    "before_reverse",
    "after_reverse",
    "before_close",
    "after_close",
    "before_refund",
    "after_refund",
    "before_report",
    "after_report",
    "after_answer",
    "while_waiting",
];

/// The boundary before `op` leaves; reverse, close and refund have their own.
pub(crate) fn before(op: Operation) -> &'static str {
    match op {
        Operation::Reverse => "before_reverse",
        Operation::Close => "before_close",
        Operation::Refund => "before_refund",
        _ => "before_send",
    }
}

/// The boundary between the end of `op`'s exchange and what is made of its answer.
pub(crate) fn after(op: Operation) -> &'static str {
    match op {
        Operation::Reverse => "after_reverse",
        Operation::Close => "after_close",
        Operation::Refund => "after_refund",
        _ => "after_send",
    }
}

/// Ends the process here if `PAYWAND_KILL_POINT` is `name:n` and this is the n-th time.
#[cfg(feature = "kill-points")]
pub(crate) fn kill_point(name: &str) {
    use std::{
        collections::HashMap,
        sync::{Mutex, PoisonError},
    };

    static SEEN: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);
    let Ok(wanted) = std::env::var("PAYWAND_KILL_POINT") else { return };
    let Some((point, times)) = wanted.split_once(':') else { return };
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let count = seen.get_or_insert_default().entry(name.to_owned()).or_default();
    *count = count.saturating_add(1);
    if point == name && times.parse() == Ok(*count) {
        std::process::abort();
    }
}

/// Nothing, in what ships.
#[cfg(not(feature = "kill-points"))]
#[inline(always)]
pub(crate) fn kill_point(_name: &str) {}
