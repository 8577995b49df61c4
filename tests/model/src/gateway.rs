//! What the gateway answers, by the truth. It never lies in an answer that proves something; it may lag, stammer, or
//! be imitated in answers that prove nothing.

use paywand::{
    Amount, Currency, Evidence, PaymentKind,
    flow::{Rules, Time},
    gateway::{Operation, Receipt, Reply, Returned},
};

use crate::world::{Mood, Order, World};

/// Wall time of the intent.
pub(crate) const INTENT_AT_MS: i64 = 1_790_000_000_500;

/// When the gateway says that it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PaidAt {
    /// In the second of the intent: the gateway tells whole seconds.
    InTime,
    /// In a second before it.
    Before,
    NotSaid,
}

/// A [`Reply`] without its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Paid(PaidAt),
    LooksPaid,
    PaidOther,
    Unverified,
    Waiting,
    OtherQr,
    QrReady,
    SendAgain,
    Refused,
    NotPaid,
    NotFound,
    NumberTaken,
    Reversed,
    Closed,
    ReverseDone,
    ReverseAgain,
    ReverseRefused,
    ReturnedElsewhere,
    ReturnedInFull,
    RefundAccepted,
    RefundProved,
    RefundFailed,
    RefundChanged,
    Unproved,
}

impl Answer {
    pub(crate) fn reply(self) -> Reply {
        match self {
            Self::Paid(at) => Reply::Paid(receipt(at)),
            Self::LooksPaid => Reply::LooksPaid,
            Self::PaidOther => Reply::PaidOther(Amount::new(1, Currency::CNY)),
            Self::Unverified => Reply::Unverified,
            Self::Waiting => Reply::Waiting,
            Self::OtherQr => Reply::OtherQr,
            Self::QrReady => Reply::QrReady { pay_url: String::new(), gateway_number: None },
            Self::SendAgain => Reply::SendAgain,
            Self::Refused => Reply::Refused(String::new()),
            Self::NotPaid => Reply::NotPaid(String::new()),
            Self::NotFound => Reply::NotFound,
            Self::NumberTaken => Reply::NumberTaken,
            Self::Reversed => Reply::Reversed,
            Self::Closed => Reply::Closed,
            Self::ReverseDone => Reply::ReverseDone,
            Self::ReverseAgain => Reply::ReverseAgain,
            Self::ReverseRefused => Reply::ReverseRefused,
            Self::ReturnedElsewhere => Reply::ReturnedElsewhere,
            Self::ReturnedInFull => Reply::ReturnedInFull,
            Self::RefundAccepted => Reply::RefundAccepted,
            Self::RefundProved => Reply::RefundProved(RETURNED),
            Self::RefundFailed => Reply::RefundFailed(String::new()),
            Self::RefundChanged => Reply::RefundChanged,
            Self::Unproved => Reply::Unproved("model"),
        }
    }
}

const RETURNED: Returned = Returned { gateway_number: None, refunded_at_ms: None, evidence: Evidence::Signature };

fn receipt(at: PaidAt) -> Receipt {
    let paid_at_ms = match at {
        PaidAt::InTime => Some(INTENT_AT_MS - INTENT_AT_MS % 1_000),
        PaidAt::Before => Some(INTENT_AT_MS - 1_000),
        PaidAt::NotSaid => None,
    };
    Receipt { gateway_number: None, paid_at_ms, refundable: None, evidence: Evidence::Signature }
}

/// What happens when a request arrives: the world after it, the answer, and whether that is a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Outcome {
    pub(crate) world: World,
    pub(crate) answer: Answer,
    pub(crate) is_fault: bool,
}

/// What the gateway is like, apart from what its rules say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    pub(crate) kind: PaymentKind,
    /// It may want the same request once more (S3: status 3).
    pub(crate) sends_again: bool,
    /// It may take a proved failure back.
    pub(crate) changes_its_mind: bool,
    /// The same refund number again is the same refund, or turned away; else it may pay out once more.
    pub(crate) one_refund_per_number: bool,
}

impl Nature {
    /// Everything that may come of a request that arrives.
    pub(crate) fn outcomes(&self, op: Operation, rules: &Rules, world: &World, now: Time) -> Vec<Outcome> {
        let lawful: Vec<(World, Answer)> = match op {
            Operation::Charge | Operation::CreateQr => self.on_sale(world, rules),
            Operation::Query | Operation::Detail => {
                state_of(op, rules, world).into_iter().map(|answer| (*world, answer)).collect()
            }
            Operation::Reverse | Operation::Close => self.on_undo(world),
            Operation::Refund => self.on_refund(world),
            Operation::RefundQuery => vec![(*world, world.refund.told())],
        };
        let is_sale = matches!(op, Operation::Charge | Operation::CreateQr);
        let is_undo = matches!(op, Operation::Reverse | Operation::Close);
        let is_refund = matches!(op, Operation::Refund | Operation::RefundQuery);
        let mut outcomes = Vec::new();
        let mut may = |world: World, answer, is_fault| {
            let outcome = Outcome { world, answer, is_fault };
            if !outcomes.contains(&outcome) {
                outcomes.push(outcome);
            }
        };
        let first = lawful.first().map_or(*world, |(after, _)| *after);
        match world.mood {
            Mood::Silent => lawful.iter().for_each(|(after, _)| may(*after, Answer::Unproved, false)),
            Mood::Garbled => may(first, Answer::Unproved, false),
            Mood::Unsigned => may(first, Answer::Unverified, false),
            Mood::Stubborn if is_undo => may(*world, Answer::ReverseAgain, false),
            Mood::Normal | Mood::Stubborn => {
                lawful.iter().for_each(|(after, answer)| may(*after, *answer, false));
                may(first, Answer::Unproved, true);
                if is_undo {
                    may(*world, Answer::ReverseAgain, true);
                    may(*world, Answer::ReverseRefused, true);
                } else {
                    may(first, Answer::Unverified, true);
                }
                if is_sale {
                    // Believed from anyone (docs/architecture.md), so it may come whatever is true.
                    may(first, Answer::NumberTaken, true);
                    if self.sends_again && world.order == Order::Absent && !world.stranger {
                        // Undecided there: it may be taken up yet.
                        may(World { in_flight: true, ..*world }, Answer::SendAgain, true);
                    }
                    if op == Operation::Charge && world.order == Order::Absent && !world.stranger {
                        may(World { order: Order::PaidOther, in_flight: false, ..*world }, Answer::PaidOther, true);
                    }
                } else if is_refund {
                    self.refund_faults(op, world, now).into_iter().for_each(|(after, answer)| may(after, answer, true));
                } else if !is_undo {
                    self.lagging(op, rules, world, now).into_iter().for_each(|answer| may(*world, answer, true));
                }
            }
        }
        outcomes
    }

    /// A charge or creation: taken, paid at once, failed, turned away; or there already.
    fn on_sale(&self, world: &World, rules: &Rules) -> Vec<(World, Answer)> {
        if world.stranger {
            return vec![(*world, Answer::NumberTaken)];
        }
        // From now on the number is known: what else is on its way under it is turned away.
        let with = |order| World { order, in_flight: false, ..*world };
        match (self.kind, world.order) {
            (PaymentKind::Charge, Order::Absent) => vec![
                (with(Order::Open), Answer::Waiting),
                (with(Order::Paid), Answer::Paid(PaidAt::InTime)),
                (with(Order::Failed), Answer::NotPaid),
                (*world, Answer::Refused),
            ],
            (PaymentKind::Qr, Order::Absent) => {
                vec![(with(Order::Open), Answer::QrReady), (*world, Answer::Refused)]
            }
            (PaymentKind::Charge, _) => {
                let mut again = vec![(*world, Answer::NumberTaken)];
                again.extend(state_of(Operation::Charge, rules, world).into_iter().map(|answer| (*world, answer)));
                again
            }
            (PaymentKind::Qr, Order::Open) => vec![(*world, Answer::NumberTaken), (*world, Answer::QrReady)],
            (PaymentKind::Qr | PaymentKind::Refund, _) => vec![(*world, Answer::NumberTaken)],
        }
    }

    /// A reverse or close: carried out, or turned away by what it finds.
    fn on_undo(&self, world: &World) -> Vec<(World, Answer)> {
        let mut undone = *world;
        undone.undone(self.kind);
        match (self.kind, world.order) {
            // Some say that it is done where there was nothing, and some remember it.
            (_, Order::Absent) => {
                vec![(*world, Answer::NotFound), (*world, Answer::ReverseDone), (undone, Answer::ReverseDone)]
            }
            (_, Order::Returned | Order::GivenBack) | (PaymentKind::Qr, Order::Paid | Order::PaidOther) => {
                vec![(*world, Answer::ReverseRefused)]
            }
            (PaymentKind::Charge, Order::Paid | Order::PaidOther | Order::Failed) => {
                vec![(undone, Answer::ReverseDone), (*world, Answer::ReverseRefused)]
            }
            _ => vec![(undone, Answer::ReverseDone)],
        }
    }

    /// True a moment ago, or of another part of the gateway.
    fn lagging(&self, op: Operation, rules: &Rules, world: &World, now: Time) -> Vec<Answer> {
        let mut answers = Vec::new();
        let is_young = now < world.horizon && world.order != Order::Absent;
        // A wallet knows no QR order that nobody has scanned.
        let is_unseen = self.kind == PaymentKind::Qr && matches!(world.order, Order::Open | Order::Closed);
        if is_young || is_unseen {
            answers.push(Answer::NotFound);
        }
        if matches!(world.order, Order::Paid | Order::PaidOther) {
            answers.push(Answer::Waiting);
        }
        if world.order == Order::GivenBack {
            answers.push(if only_looks(op, rules) { Answer::LooksPaid } else { Answer::Paid(PaidAt::InTime) });
        }
        if world.order == Order::Paid && !only_looks(op, rules) {
            answers.push(Answer::Paid(PaidAt::NotSaid));
        }
        if self.kind == PaymentKind::Qr && op == Operation::Query && world.order == Order::Open {
            answers.push(Answer::OtherQr);
        }
        answers
    }
}

/// Whether this call tells no amount.
fn only_looks(op: Operation, rules: &Rules) -> bool {
    rules.detail && op == Operation::Query
}

/// What the books say.
fn state_of(op: Operation, rules: &Rules, world: &World) -> Vec<Answer> {
    let told = match world.order {
        // Some tell a refund of all from one of some, and some do not.
        Order::GivenBack => return vec![Answer::ReturnedInFull, Answer::ReturnedElsewhere],
        Order::Absent => Answer::NotFound,
        Order::Open => Answer::Waiting,
        Order::Failed => Answer::NotPaid,
        Order::Paid | Order::PaidOther if only_looks(op, rules) => Answer::LooksPaid,
        Order::Paid if world.stranger => Answer::Paid(PaidAt::Before),
        Order::Paid => Answer::Paid(PaidAt::InTime),
        Order::PaidOther => Answer::PaidOther,
        Order::Reversed => Answer::Reversed,
        Order::Closed => Answer::Closed,
        Order::Returned => Answer::ReturnedElsewhere,
    };
    vec![told]
}
