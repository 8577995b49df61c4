//! What a cashier may be asked to do next.

use paywand_e2e::Chance;

/// One operation of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Charge,
    Qr,
    Cancel,
    Retry,
    Wait,
    Acknowledge,
    Settle,
    Find,
    Pages,
    RefundAll,
    RefundPart,
    RefundTooMuch,
    RefundTwice,
    RefundOfRefund,
    Callback,
    CallbackTwice,
    CallbackForged,
    CallbackForeign,
    CustomerPays,
    Restart,
}

/// How often each is drawn, of a thousand.
const DRAWN: [(Operation, u64); 19] = [
    (Operation::Charge, 290),
    (Operation::Qr, 160),
    (Operation::Cancel, 60),
    (Operation::Retry, 30),
    (Operation::Wait, 40),
    (Operation::Acknowledge, 25),
    (Operation::Settle, 40),
    (Operation::Find, 20),
    (Operation::Pages, 15),
    (Operation::RefundAll, 60),
    (Operation::RefundPart, 70),
    (Operation::RefundTooMuch, 20),
    (Operation::RefundTwice, 30),
    (Operation::RefundOfRefund, 10),
    (Operation::Callback, 45),
    (Operation::CallbackTwice, 20),
    (Operation::CallbackForged, 20),
    (Operation::CallbackForeign, 10),
    (Operation::CustomerPays, 35),
];

/// A restart comes after so many others.
const RESTART_EVERY: u64 = 400;

impl Operation {
    /// The day's operation of this number.
    pub(crate) fn draw(number: u64, chance: &mut Chance) -> Self {
        if number % RESTART_EVERY == RESTART_EVERY - 1 {
            return Self::Restart;
        }
        let mut left = chance.below(DRAWN.iter().map(|(_, often)| often).sum());
        for (operation, often) in DRAWN {
            match left.checked_sub(often) {
                Some(rest) => left = rest,
                None => return operation,
            }
        }
        Self::Charge
    }

    /// In the table, and in the message of a call that fails.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Qr => "QR",
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::Wait => "wait",
            Self::Acknowledge => "acknowledge",
            Self::Settle => "settle by hand",
            Self::Find => "find",
            Self::Pages => "pages",
            Self::RefundAll => "refund, all",
            Self::RefundPart => "refund, part",
            Self::RefundTooMuch => "refund, too much",
            Self::RefundTwice => "refund, twice at once",
            Self::RefundOfRefund => "refund of a refund",
            Self::Callback => "callback",
            Self::CallbackTwice => "callback, twice",
            Self::CallbackForged => "callback, forged",
            Self::CallbackForeign => "callback, foreign",
            Self::CustomerPays => "customer pays late",
            Self::Restart => "restart",
        }
    }
}
