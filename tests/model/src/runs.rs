//! The runs: each set of capabilities that a gateway has, those that a change of the configuration makes, and those that
//! no gateway has yet; each with the states and reasons that it must reach, no more and no fewer.

use std::sync::Arc;

use paywand::{PaymentKind, flow::Rules, gateway::Timing};

use crate::{
    coverage::Coverage,
    gateway::Nature,
    model::{Budget, Payments, StepFn, UNIT},
};

/// Small multiples of a unit, in the order that the real ones have. The time-out of an exchange is two units.
pub(crate) const TIMING: Timing = Timing {
    connect_ms: UNIT,
    read_ms: 0,
    first_query_ms: UNIT,
    interval_ms: UNIT,
    deadline_ms: 3 * UNIT,
    min_reverse_age_ms: 2 * UNIT,
    reverse_retry_ms: UNIT / 2,
    close_retry_ms: UNIT,
    attention_after_ms: 4 * UNIT,
    landing_horizon_ms: 5 * UNIT,
    qr_life_ms: 5 * UNIT,
    watch_ms: UNIT,
};

/// The least age of a reverse comes after the deadline.
const LATE_AGE: Timing = Timing { deadline_ms: UNIT, min_reverse_age_ms: 3 * UNIT, ..TIMING };

const NOTHING: Rules =
    Rules { query: false, detail: false, reverse: false, close: false, cleans_failures: false, timing: TIMING };

/// Faults, wishes and slow turns that one path may use up.
const fn budget(faults: u8, wishes: u8, turns: u8) -> Budget {
    Budget { faults, wishes, turns }
}

/// Two faults without a wish, and a wish with a fault.
const USUAL: &[Budget] = &[budget(2, 0, 1), budget(1, 1, 2)];

/// Besides, two wishes with a fault.
const THOROUGH: &[Budget] = &[budget(2, 0, 1), budget(1, 1, 2), budget(1, 2, 1)];

/// Where little is possible, more of it.
const MORE: &[Budget] = &[budget(3, 2, 2)];

/// Two faults around a wish: many millions of states where there is a reverse.
const DEEP: Budget = budget(2, 1, 1);

/// A run's name, its gateway, how much may go wrong, and what it must reach.
pub(crate) struct Run {
    pub(crate) name: &'static str,
    kind: PaymentKind,
    rules: Rules,
    budgets: &'static [Budget],
    sends_again: bool,
    changes_its_mind: bool,
    reconfigured: bool,
    /// The codes of every state that this set of capabilities knows.
    pub(crate) states: &'static [&'static str],
    /// The codes of every reason that it knows.
    pub(crate) reasons: &'static [&'static str],
}

impl Run {
    /// The budgets to be explored, and, if `deep`, one with more of everything.
    pub(crate) fn budgets(&self, deep: bool) -> impl Iterator<Item = Budget> {
        self.budgets.iter().copied().chain(deep.then_some(DEEP))
    }

    /// All payments that `step` makes under this run's gateway within `budget`.
    pub(crate) fn payments(&self, budget: Budget, step: StepFn, coverage: &Arc<Coverage>) -> Payments {
        let nature = Nature { kind: self.kind, sends_again: self.sends_again, changes_its_mind: self.changes_its_mind };
        let (rules, reconfigured, coverage) = (self.rules, self.reconfigured, Arc::clone(coverage));
        Payments { nature, rules, budget, reconfigured, step, coverage }
    }
}

const CHARGE: Run = Run {
    name: "",
    kind: PaymentKind::Charge,
    rules: NOTHING,
    budgets: USUAL,
    sends_again: false,
    changes_its_mind: false,
    reconfigured: false,
    states: &[],
    reasons: &[],
};

const QR: Run = Run { kind: PaymentKind::Qr, ..CHARGE };

pub(crate) const BLUEOCEAN: Rules = Rules { query: true, reverse: true, cleans_failures: true, ..NOTHING };
const BJRCB: Rules = Rules { query: true, reverse: true, timing: LATE_AGE, ..NOTHING };
pub(crate) const TENCENT: Rules = Rules { query: true, close: true, ..NOTHING };
const HUISHOUYIN: Rules = Rules { query: true, detail: true, close: true, ..NOTHING };

const CHARGE_STATES: &[&str] = &["charging", "failed", "needs_attention", "paid", "settled_not_paid", "settled_paid"];
const QUERIED_CHARGE_STATES: &[&str] =
    &["charging", "closed", "failed", "needs_attention", "paid", "querying", "settled_not_paid", "settled_paid"];
const REVERSED_CHARGE_STATES: &[&str] = &[
    "cancel_waiting",
    "charging",
    "closed",
    "confirming",
    "failed",
    "needs_attention",
    "paid",
    "querying",
    "reversed",
    "reversing",
    "settled_not_paid",
    "settled_paid",
];
const QR_STATES: &[&str] = &["charging", "failed", "needs_attention", "settled_not_paid", "settled_paid"];
const UNASKED_QR_STATES: &[&str] =
    &["charging", "closing", "failed", "needs_attention", "settled_not_paid", "settled_paid"];
const UNCLOSED_QR_STATES: &[&str] = &[
    "charging",
    "closed",
    "confirming",
    "failed",
    "needs_attention",
    "paid",
    "querying",
    "settled_not_paid",
    "settled_paid",
    "showing_qr",
];
const CLOSED_QR_STATES: &[&str] = &[
    "charging",
    "closed",
    "closing",
    "confirming",
    "failed",
    "needs_attention",
    "paid",
    "querying",
    "settled_not_paid",
    "settled_paid",
    "showing_qr",
];

const CHARGE_REASONS: &[&str] = &["amount_differs", "cancelled", "cannot_ask", "device_clock", "not_sent", "refused"];
const QUERIED_CHARGE_REASONS: &[&str] = &[
    "amount_differs",
    "cancelled",
    "cannot_reverse",
    "device_clock",
    "not_paid",
    "not_sent",
    "number_taken",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];
const REVERSED_CHARGE_REASONS: &[&str] = &[
    "amount_differs",
    "cancelled",
    "device_clock",
    "never_seen",
    "not_paid",
    "not_sent",
    "number_taken",
    "refund_by_hand",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];
const RECONFIGURED_CHARGE_REASONS: &[&str] = &[
    "account_changed",
    "amount_differs",
    "cancelled",
    "device_clock",
    "gateway_missing",
    "never_seen",
    "not_paid",
    "not_sent",
    "number_taken",
    "refund_by_hand",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];
const QR_REASONS: &[&str] =
    &["cancelled", "cannot_ask", "cannot_close", "device_clock", "not_sent", "number_taken", "refused"];
const UNASKED_QR_REASONS: &[&str] = &["cancelled", "cannot_ask", "device_clock", "not_sent", "number_taken", "refused"];
const UNCLOSED_QR_REASONS: &[&str] = &[
    "amount_differs",
    "cancelled",
    "cannot_close",
    "device_clock",
    "not_sent",
    "number_taken",
    "refund_by_hand",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];
const CLOSED_QR_REASONS: &[&str] = &[
    "amount_differs",
    "cancelled",
    "device_clock",
    "not_sent",
    "number_taken",
    "refund_by_hand",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];
const RECONFIGURED_QR_REASONS: &[&str] = &[
    "account_changed",
    "amount_differs",
    "cancelled",
    "device_clock",
    "gateway_missing",
    "not_sent",
    "number_taken",
    "refund_by_hand",
    "refused",
    "returned_elsewhere",
    "signature_fails",
    "unresolved",
];

const REVERSED_CHARGE: Run =
    Run { rules: BLUEOCEAN, states: REVERSED_CHARGE_STATES, reasons: REVERSED_CHARGE_REASONS, ..CHARGE };
const CLOSED_QR: Run = Run { rules: TENCENT, states: CLOSED_QR_STATES, reasons: CLOSED_QR_REASONS, ..QR };

pub(crate) const RUNS: &[Run] = &[
    Run { name: "charge alone (maxfun)", budgets: MORE, states: CHARGE_STATES, reasons: CHARGE_REASONS, ..CHARGE },
    Run { name: "charge, query, reverse, cleaning (BlueOcean)", budgets: THOROUGH, ..REVERSED_CHARGE },
    Run { name: "charge, query, reverse (BJRCB)", rules: BJRCB, budgets: THOROUGH, ..REVERSED_CHARGE },
    Run { name: "QR, query, close (Tencent)", sends_again: true, budgets: THOROUGH, ..CLOSED_QR },
    Run { name: "QR, query, detail, close (huishouyin)", rules: HUISHOUYIN, budgets: THOROUGH, ..CLOSED_QR },
    Run {
        name: "charge, account or gateway changed",
        reconfigured: true,
        reasons: RECONFIGURED_CHARGE_REASONS,
        ..REVERSED_CHARGE
    },
    Run { name: "QR, account or gateway changed", reconfigured: true, reasons: RECONFIGURED_QR_REASONS, ..CLOSED_QR },
    Run { name: "charge, a proved failure is taken back", changes_its_mind: true, ..REVERSED_CHARGE },
    Run {
        name: "charge, query, detail, reverse, cleaning, sent again",
        rules: Rules { detail: true, ..BLUEOCEAN },
        sends_again: true,
        ..REVERSED_CHARGE
    },
    Run {
        name: "charge, query, no reverse, sent again",
        rules: Rules { query: true, ..NOTHING },
        sends_again: true,
        states: QUERIED_CHARGE_STATES,
        reasons: QUERIED_CHARGE_REASONS,
        ..CHARGE
    },
    Run {
        name: "charge, reverse, no query",
        rules: Rules { reverse: true, ..NOTHING },
        budgets: MORE,
        states: CHARGE_STATES,
        reasons: CHARGE_REASONS,
        ..CHARGE
    },
    Run {
        name: "QR, query, no close",
        rules: Rules { query: true, ..NOTHING },
        states: UNCLOSED_QR_STATES,
        reasons: UNCLOSED_QR_REASONS,
        ..QR
    },
    Run {
        name: "QR, close, no query",
        rules: Rules { close: true, ..NOTHING },
        budgets: MORE,
        states: UNASKED_QR_STATES,
        reasons: UNASKED_QR_REASONS,
        ..QR
    },
    Run { name: "QR alone", budgets: MORE, states: QR_STATES, reasons: QR_REASONS, ..QR },
];
