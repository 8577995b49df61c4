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
    qr_interval_ms: UNIT,
    qr_deadline_ms: 3 * UNIT,
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

const NOTHING: Rules = Rules {
    query: false,
    detail: false,
    reverse: false,
    close: false,
    cleans_failures: false,
    refund: false,
    refund_query: false,
    refund_repeats: false,
    timing: TIMING,
};

/// Faults, wishes and slow turns that one path may use up.
const fn budget(faults: u8, wishes: u8, turns: u8) -> Budget {
    Budget { faults, wishes, turns }
}

/// Two faults without a wish, and a wish with a fault.
const USUAL: &[Budget] = &[TWO_FAULTS, A_WISH];

/// Two wishes with a fault, where a run that may do more explores the rest.
const WISHED: &[Budget] = &[TWO_WISHES];

/// All of these.
const THOROUGH: &[Budget] = &[TWO_FAULTS, A_WISH, TWO_WISHES];

const TWO_FAULTS: Budget = budget(2, 0, 1);
const A_WISH: Budget = budget(1, 1, 2);
const TWO_WISHES: Budget = budget(1, 2, 1);

/// Where little is possible, more of it.
const MORE: &[Budget] = &[budget(3, 2, 2)];

/// Where others explore most of it.
const LITTLE: &[Budget] = &[budget(1, 1, 1)];

/// A refund alone.
const REFUNDED_ALONE: &[Budget] = &[budget(2, 1, 1), budget(1, 2, 2)];

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
    pub(crate) states: &'static [&'static [&'static str]],
    /// The codes of every reason that it knows.
    pub(crate) reasons: &'static [&'static [&'static str]],
}

impl Run {
    /// The budgets to be explored, and, if `deep`, one with more of everything.
    pub(crate) fn budgets(&self, deep: bool) -> impl Iterator<Item = Budget> {
        self.budgets.iter().copied().chain(deep.then_some(DEEP))
    }

    /// All payments that `step` makes under this run's gateway within `budget`.
    pub(crate) fn payments(&self, budget: Budget, step: StepFn, coverage: &Arc<Coverage>) -> Payments {
        let nature = Nature {
            kind: self.kind,
            sends_again: self.sends_again,
            changes_its_mind: self.changes_its_mind,
            one_refund_per_number: self.rules.refund_repeats,
        };
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

/// Refunds that can be asked about.
pub(crate) const REFUNDS: Rules = Rules { refund: true, refund_query: true, ..NOTHING };

/// Refunds, and nothing to ask.
const SILENT_REFUNDS: Rules = Rules { refund: true, ..NOTHING };

pub(crate) const BLUEOCEAN: Rules =
    Rules { query: true, reverse: true, cleans_failures: true, refund_repeats: true, ..REFUNDS };
pub(crate) const BJRCB: Rules = Rules { query: true, reverse: true, timing: LATE_AGE, ..REFUNDS };
pub(crate) const TENCENT: Rules = Rules { query: true, close: true, ..REFUNDS };
const HUISHOUYIN: Rules = Rules { query: true, detail: true, close: true, ..REFUNDS };

// States, by what brings them.
const BEGUN: &[&str] = &["charging", "failed", "needs_attention", "settled_not_paid", "settled_paid"];
const PAID: &[&str] = &["paid"];
const ASKED: &[&str] = &["closed", "querying"];
const REVERSED: &[&str] = &["cancel_waiting", "confirming", "reversed", "reversing"];
const SHOWN: &[&str] = &["confirming", "showing_qr"];
const CLOSED: &[&str] = &["closing"];
const REFUNDED: &[&str] = &["refunded", "refunding"];
const REFUND_BEGUN: &[&str] =
    &["failed", "needs_attention", "refunded", "refunding", "settled_not_paid", "settled_paid"];

// Reasons, by what brings them.
const NOT_BEGUN: &[&str] = &["cancelled", "device_clock", "not_sent", "refused"];
const TOLD: &[&str] = &["amount_differs", "number_taken", "returned_elsewhere", "signature_fails", "unresolved"];
const GIVEN_BACK: &[&str] = &["refund_by_hand"];
const WALLET_CANNOT: &[&str] = &["refund_changed"];
const NO_REFUND_QUERY: &[&str] = &["refund_unconfirmed"];
const REFUND_NOT_BEGUN: &[&str] = &["amount_differs", "device_clock", "not_sent", "refund_failed", "refused"];
const REFUND_ASKED: &[&str] = &["unresolved"];
const NEVER_SEEN: &[&str] = &["never_seen"];
const NOT_PAID: &[&str] = &["not_paid"];
const RECONFIGURED: &[&str] = &["account_changed", "gateway_missing"];
const NO_QUERY: &[&str] = &["cannot_ask"];
const NO_REVERSE: &[&str] = &["cannot_reverse"];
const NO_CLOSE: &[&str] = &["cannot_close"];
const OTHER_AMOUNT: &[&str] = &["amount_differs"];
const TAKEN: &[&str] = &["number_taken"];

const REVERSED_CHARGE: Run = Run {
    rules: BLUEOCEAN,
    states: &[BEGUN, PAID, ASKED, REVERSED, REFUNDED],
    reasons: &[NOT_BEGUN, TOLD, NOT_PAID, GIVEN_BACK, WALLET_CANNOT, NEVER_SEEN],
    ..CHARGE
};

const CLOSED_QR: Run = Run {
    rules: TENCENT,
    states: &[BEGUN, PAID, ASKED, SHOWN, CLOSED, REFUNDED],
    reasons: &[NOT_BEGUN, TOLD, GIVEN_BACK, WALLET_CANNOT],
    ..QR
};

/// What a person asked for.
const REFUND: Run = Run {
    kind: PaymentKind::Refund,
    rules: REFUNDS,
    budgets: REFUNDED_ALONE,
    states: &[REFUND_BEGUN],
    reasons: &[REFUND_NOT_BEGUN, REFUND_ASKED, NEVER_SEEN, WALLET_CANNOT],
    ..CHARGE
};

pub(crate) const RUNS: &[Run] = &[
    Run {
        name: "charge alone (maxfun)",
        budgets: MORE,
        states: &[BEGUN, PAID],
        reasons: &[NOT_BEGUN, OTHER_AMOUNT, NO_QUERY],
        ..CHARGE
    },
    Run { name: "charge, query, reverse, cleaning, refund (BlueOcean)", budgets: WISHED, ..REVERSED_CHARGE },
    Run { name: "charge, query, reverse, refund (BJRCB)", rules: BJRCB, ..REVERSED_CHARGE },
    Run {
        name: "QR, query, close, refund (Tencent)",
        sends_again: true,
        budgets: &[TWO_FAULTS, TWO_WISHES],
        ..CLOSED_QR
    },
    Run { name: "QR, query, detail, close, refund (huishouyin)", rules: HUISHOUYIN, budgets: THOROUGH, ..CLOSED_QR },
    Run {
        name: "charge, account or gateway changed",
        reconfigured: true,
        reasons: &[NOT_BEGUN, TOLD, NOT_PAID, GIVEN_BACK, WALLET_CANNOT, NEVER_SEEN, RECONFIGURED],
        ..REVERSED_CHARGE
    },
    Run {
        name: "QR, account or gateway changed",
        reconfigured: true,
        reasons: &[NOT_BEGUN, TOLD, GIVEN_BACK, WALLET_CANNOT, RECONFIGURED],
        ..CLOSED_QR
    },
    Run {
        name: "charge, a proved failure is taken back",
        budgets: &[A_WISH],
        changes_its_mind: true,
        ..REVERSED_CHARGE
    },
    Run {
        name: "charge, query, detail, reverse, cleaning, refund, sent again",
        rules: Rules { detail: true, ..BLUEOCEAN },
        budgets: &[A_WISH],
        sends_again: true,
        ..REVERSED_CHARGE
    },
    Run {
        name: "charge, query, reverse, no refund",
        rules: Rules { query: true, reverse: true, ..NOTHING },
        budgets: LITTLE,
        states: &[BEGUN, PAID, ASKED, REVERSED],
        reasons: &[NOT_BEGUN, TOLD, NOT_PAID, GIVEN_BACK, NEVER_SEEN],
        ..CHARGE
    },
    Run {
        name: "charge, query, reverse, refund without question",
        rules: Rules { query: true, reverse: true, ..SILENT_REFUNDS },
        budgets: LITTLE,
        reasons: &[NOT_BEGUN, TOLD, NOT_PAID, GIVEN_BACK, NO_REFUND_QUERY, NEVER_SEEN],
        ..REVERSED_CHARGE
    },
    Run {
        name: "charge, query, no reverse, sent again",
        rules: Rules { query: true, ..NOTHING },
        sends_again: true,
        states: &[BEGUN, PAID, ASKED],
        reasons: &[NOT_BEGUN, TOLD, NOT_PAID, NO_REVERSE],
        ..CHARGE
    },
    Run {
        name: "charge, reverse, no query",
        rules: Rules { reverse: true, ..NOTHING },
        budgets: MORE,
        states: &[BEGUN, PAID],
        reasons: &[NOT_BEGUN, OTHER_AMOUNT, NO_QUERY],
        ..CHARGE
    },
    Run {
        name: "QR, query, no close",
        rules: Rules { query: true, ..NOTHING },
        states: &[BEGUN, PAID, ASKED, SHOWN],
        reasons: &[NOT_BEGUN, TOLD, GIVEN_BACK, NO_CLOSE],
        ..QR
    },
    Run {
        name: "QR, close, no query",
        rules: Rules { close: true, ..NOTHING },
        budgets: MORE,
        states: &[BEGUN, CLOSED],
        reasons: &[NOT_BEGUN, NO_QUERY, TAKEN],
        ..QR
    },
    Run { name: "refund, sent again (BlueOcean)", rules: Rules { refund_repeats: true, ..REFUNDS }, ..REFUND },
    Run { name: "refund, not sent again (BJRCB, Tencent, huishouyin)", ..REFUND },
    Run {
        name: "refund without question",
        rules: SILENT_REFUNDS,
        reasons: &[REFUND_NOT_BEGUN, NO_REFUND_QUERY],
        ..REFUND
    },
    Run {
        name: "refund, account or gateway changed",
        reconfigured: true,
        reasons: &[REFUND_NOT_BEGUN, REFUND_ASKED, NEVER_SEEN, WALLET_CANNOT, RECONFIGURED],
        ..REFUND
    },
    Run { name: "QR alone", budgets: MORE, states: &[BEGUN], reasons: &[NOT_BEGUN, NO_QUERY, NO_CLOSE, TAKEN], ..QR },
];
