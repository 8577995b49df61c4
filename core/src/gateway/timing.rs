//! When to ask, when to give up, when to undo: data, in milliseconds.

use serde::{Deserialize, Serialize};

/// A gateway's timings in milliseconds. Ages count from the answer or time-out of the send that they refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timing {
    /// Name, TCP and TLS of one connection; also how long a charge that never left is tried again.
    pub connect_ms: i64,
    /// For the request and the whole answer once a connection stands. An exchange ends after `connect_ms + read_ms`.
    pub read_ms: i64,
    /// First query after a charge or refund that got no clear answer, or after a QR was shown.
    pub first_query_ms: i64,
    /// Between queries.
    pub interval_ms: i64,
    /// After this, an undecided charge is reversed.
    pub deadline_ms: i64,
    /// Between queries while a QR is shown.
    pub qr_interval_ms: i64,
    /// How long a QR is shown: after this, an unpaid one is closed (B1: 60 s attended).
    pub qr_deadline_ms: i64,
    /// A reverse never leaves earlier than this after the charge (S1: 15 s).
    pub min_reverse_age_ms: i64,
    /// Before the first repeat of a reverse; then it backs off to thirty times this.
    pub reverse_retry_ms: i64,
    /// Between closes (WeChat refuses them before 5 minutes).
    pub close_retry_ms: i64,
    /// Undecided for this long: a person is asked, while the work goes on.
    pub attention_after_ms: i64,
    /// How late a lost charge may still land at the gateway.
    pub landing_horizon_ms: i64,
    /// How long a QR can be paid.
    pub qr_life_ms: i64,
    /// The unit in which ended payments are watched: queries at 1, 5 and 30 of it.
    pub watch_ms: i64,
}

impl Timing {
    /// The numbers that no gateway's document gives (docs/sources.md); each gateway's file overrides.
    pub const COMMON: Self = Self {
        connect_ms: 5_000,
        read_ms: 20_000,
        first_query_ms: 5_000,
        interval_ms: 5_000,
        deadline_ms: 45_000,
        qr_interval_ms: 3_000,
        qr_deadline_ms: 60_000,
        min_reverse_age_ms: 15_000,
        reverse_retry_ms: 2_000,
        close_retry_ms: 30_000,
        attention_after_ms: 15 * 60_000,
        landing_horizon_ms: 5 * 60_000,
        qr_life_ms: 2 * 3_600_000,
        watch_ms: 60_000,
    };
}
