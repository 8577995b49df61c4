//! The calls under way, so that a shutdown lets them return.

use std::{
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use super::lock;

/// Counts the calls under way.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<(Mutex<usize>, Condvar)>);

impl Calls {
    pub(super) fn enter(&self) -> UnderWay {
        let mut count = lock(&self.0.0);
        *count = count.saturating_add(1);
        UnderWay(self.clone())
    }

    pub(super) fn wait_for_none(&self, limit: Duration) {
        let (count, changed) = &*self.0;
        // Past the limit the rest is told that the terminal is shut.
        let _ = changed.wait_timeout_while(lock(count), limit, |count| *count > 0);
    }
}

/// A call under way; it ends with this.
pub(super) struct UnderWay(Calls);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let (count, changed) = &*self.0.0;
        let mut count = lock(count);
        *count = count.saturating_sub(1);
        changed.notify_all();
    }
}
