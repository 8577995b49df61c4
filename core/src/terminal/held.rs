//! What a terminal holds in memory, for tests that look for what grows. Not in what ships.

use tokio::sync::oneshot;

use super::Terminal;
use crate::{driver::shell::Message, error::PaywandError};

/// Numbers of things held.
#[doc(hidden)]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Payments at work in the driver.
    pub live: usize,
    /// Calls that wait for the driver's answer.
    pub tickets: usize,
    /// Payments that calls can wait for.
    pub board: usize,
    /// Payments that listeners have yet to hear of.
    pub untold: usize,
    /// Listeners.
    pub listeners: usize,
}

impl Terminal {
    #[doc(hidden)]
    pub async fn held(&self) -> Result<Held, PaywandError> {
        let inner = self.inner()?;
        let (reply, count) = oneshot::channel();
        inner.tell(Message::Count(reply))?;
        let (live, tickets) = count.await.map_err(|_| PaywandError::ShutDown)?;
        let (untold, listeners) = inner.notifier.len();
        Ok(Held { live, tickets, board: inner.board.len(), untold, listeners })
    }
}
