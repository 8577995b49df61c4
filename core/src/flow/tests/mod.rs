//! The tables of the flow, row by row, and the promises over random walks.
//!
//! [`Till`] plays the driver: it keeps the flow, the clock and the last effect, and hands in what a test says happened.

mod cancel;
mod charge;
mod person;
mod promises;
mod qr;
mod recovery;
mod refund;
mod stored;
mod undo;
mod watching;

use super::{Effect, Flow, Input, Refusal, Row, Rules, Time, View};
use crate::{
    gateway::{Operation, Receipt, Reply, Returned, Timing},
    money::Amount,
    payment::{Evidence, FollowUp, PaymentKind, PaymentState, Reason},
};

/// When the intents of these tests were written.
const INTENT_AT_MS: i64 = 1_790_000_000_000;

const NOTHING: Rules = Rules {
    query: false,
    detail: false,
    reverse: false,
    close: false,
    cleans_failures: false,
    refund: false,
    refund_query: false,
    refund_repeats: false,
    timing: Timing { read_ms: 60_000, ..Timing::COMMON },
};

/// As BlueOcean is (S1): query, reverse, failed charges to be revoked.
const BLUEOCEAN: Rules = Rules {
    query: true,
    reverse: true,
    cleans_failures: true,
    timing: Timing {
        first_query_ms: 5_000,
        interval_ms: 10_000,
        deadline_ms: 30_000,
        min_reverse_age_ms: 15_000,
        ..Timing::COMMON
    },
    ..NOTHING
};

/// As BJRCB is (S2): query and reverse.
const BJRCB: Rules = Rules { cleans_failures: false, timing: Timing::COMMON, ..BLUEOCEAN };

/// As Tencent's QR is (S3): query and close.
const TENCENT: Rules = Rules {
    query: true,
    close: true,
    timing: Timing {
        connect_ms: 10_000,
        first_query_ms: 3_000,
        interval_ms: 3_000,
        deadline_ms: 60_000,
        ..Timing::COMMON
    },
    ..NOTHING
};

/// As huishouyin's QR is (S4): query without amount, detail, close.
const HUISHOUYIN: Rules = Rules { detail: true, timing: Timing { deadline_ms: 60_000, ..Timing::COMMON }, ..TENCENT };

/// Refunds that can be asked about, and whose numbers may be sent again (B1).
const REFUNDS: Rules = Rules { refund: true, refund_query: true, refund_repeats: true, ..BLUEOCEAN };

/// As maxfun's device API is (S0): a charge, and nothing else.
const MAXFUN: Rules = NOTHING;

/// A till with one payment.
struct Till {
    flow: Flow,
    now: Time,
    effect: Effect,
}

impl Till {
    /// A payment whose first send is out.
    fn begin(kind: PaymentKind, rules: Rules) -> Self {
        let mut till = Self { flow: Flow::new(kind, rules, INTENT_AT_MS), now: Time(1_000_000), effect: Effect::Rest };
        till.input(Input::Begin);
        till
    }

    fn charge(rules: Rules) -> Self {
        let till = Self::begin(PaymentKind::Charge, rules);
        till.sends(Operation::Charge)
    }

    fn qr(rules: Rules) -> Self {
        let till = Self::begin(PaymentKind::Qr, rules);
        till.sends(Operation::CreateQr)
    }

    /// A refund that a person asked for, sent.
    fn refund(rules: Rules) -> Self {
        let till = Self::begin(PaymentKind::Refund, rules);
        till.sends(Operation::Refund)
    }

    /// A charge that was reversed, and is paid all the same: its refund is out.
    fn giving_back(rules: Rules) -> Self {
        let mut till = Self::reversing(rules);
        till.reply(Reply::ReverseDone).reply(paid());
        till.is(PaymentState::Refunding)
    }

    /// A charge that got no answer.
    fn lost_charge(rules: Rules) -> Self {
        let mut till = Self::charge(rules);
        till.no_answer();
        till
    }

    /// A QR on the screen.
    fn shown_qr(rules: Rules) -> Self {
        let mut till = Self::qr(rules);
        till.reply(qr_ready());
        till.is(PaymentState::ShowingQr)
    }

    /// A charge whose reverse is out, its queries answered [`Reply::Waiting`].
    fn reversing(rules: Rules) -> Self {
        let mut till = Self::lost_charge(rules);
        till.answer_until(Operation::Reverse, Reply::Waiting);
        till.is(PaymentState::Reversing)
    }

    /// A QR whose close is out.
    fn closing(rules: Rules) -> Self {
        let mut till = Self::shown_qr(rules);
        till.answer_until(Operation::Close, Reply::Waiting);
        till.is(PaymentState::Closing)
    }

    fn try_input(&mut self, input: Input) -> Result<(), Refusal> {
        let step = self.flow.step(input, self.now)?;
        let stored = step.next.to_stored();
        assert_eq!(Flow::from_stored(&stored, step.next.rules).as_ref(), Ok(&step.next), "the stored form round-trips");
        self.flow = step.next;
        self.effect = step.effect;
        Ok(())
    }

    fn input(&mut self, input: Input) -> &mut Self {
        self.try_input(input).expect("only a person's wish can be refused");
        self
    }

    /// The send under way is answered, at once.
    fn reply(&mut self, reply: Reply) -> &mut Self {
        assert!(self.flow.memory.open.is_some(), "nothing is under way: {:?}", self.flow);
        self.input(Input::Reply { number: self.flow.number(), reply })
    }

    fn no_answer(&mut self) -> &mut Self {
        self.input(Input::NoAnswer { number: self.flow.number() })
    }

    fn not_sent(&mut self) -> &mut Self {
        self.input(Input::NotSent { number: self.flow.number(), device_clock: false })
    }

    /// Until the time that the effect names; returns how long that was, in milliseconds.
    fn wait(&mut self) -> i64 {
        let Effect::WaitUntil(at) = self.effect else { panic!("nothing to wait for: {:?}", self.effect) };
        let waited = at.0 - self.now.0;
        self.now = self.now.max(at);
        self.input(Input::TimeUp { number: self.flow.number() });
        waited
    }

    fn pass(&mut self, ms: i64) -> &mut Self {
        self.now = self.now.after(ms);
        self
    }

    /// Waits for the next query and answers it.
    fn answer_query(&mut self, reply: Reply) -> &mut Self {
        if matches!(self.effect, Effect::WaitUntil(_)) {
            self.wait();
        }
        assert_eq!(self.effect, Effect::Send(Operation::Query));
        self.reply(reply)
    }

    /// Answers every query with `reply`, until `op` is sent.
    fn answer_until(&mut self, op: Operation, reply: Reply) {
        for _ in 0..100 {
            if self.effect == Effect::Send(op) {
                return;
            }
            self.answer_query(reply.clone());
        }
        panic!("{op:?} is never sent: {:?}", self.flow);
    }

    /// Waits and answers every query with `reply`, until the payment stands in `state`.
    fn answer_until_state(&mut self, state: PaymentState, reply: Option<Reply>) {
        for _ in 0..1_000 {
            if self.state() == state {
                return;
            }
            match (self.effect, &reply) {
                (Effect::WaitUntil(_), _) => {
                    self.wait();
                }
                (Effect::Send(Operation::Query), Some(reply)) => {
                    self.reply(reply.clone());
                }
                (Effect::Send(_), _) => {
                    self.no_answer();
                }
                (Effect::Rest, _) => break,
            }
        }
        assert_eq!(self.state(), state);
    }

    fn cancel(&mut self) -> Result<(), Refusal> {
        self.try_input(Input::CancelAsked)
    }

    fn settle(&mut self, paid: bool) -> Result<(), Refusal> {
        self.try_input(Input::SettledByHand { paid })
    }

    /// The process ends and starts again; what was under way is never answered.
    fn restart(&mut self) -> &mut Self {
        self.restart_with(Input::Recovered)
    }

    fn restart_with(&mut self, input: Input) -> &mut Self {
        self.flow = Flow::from_stored(&self.flow.to_stored(), self.flow.rules).expect("it was just written");
        self.input(input)
    }

    fn view(&self) -> View {
        self.flow.view()
    }

    fn state(&self) -> PaymentState {
        self.view().state
    }

    fn is(self, state: PaymentState) -> Self {
        assert_eq!(self.state(), state);
        self
    }

    fn sends(self, op: Operation) -> Self {
        assert_eq!(self.effect, Effect::Send(op));
        self
    }

    #[track_caller]
    fn expect_state(&self, state: PaymentState) {
        assert_eq!(self.state(), state, "{:?}", self.flow);
    }

    #[track_caller]
    fn expect_failed(&self, reason: Reason) {
        assert_eq!((self.state(), self.view().reason), (PaymentState::Failed, Some(reason)), "{:?}", self.flow);
    }

    #[track_caller]
    fn expect_attention(&self, reason: Reason) {
        assert_eq!((self.state(), self.view().reason), (PaymentState::NeedsAttention, Some(reason)), "{:?}", self.flow);
    }

    #[track_caller]
    fn expect_send(&self, op: Operation) {
        assert_eq!(self.effect, Effect::Send(op), "{:?}", self.flow);
    }

    #[track_caller]
    fn expect_wait(&self, ms: i64) {
        assert_eq!(self.effect, Effect::WaitUntil(self.now.after(ms)), "now {:?}", self.now);
    }

    #[track_caller]
    fn expect_rest(&self) {
        assert_eq!(self.effect, Effect::Rest);
    }
}

/// Ours, paid a second after the intent.
fn paid() -> Reply {
    paid_at(Some(INTENT_AT_MS + 1_000))
}

fn paid_at(paid_at_ms: Option<i64>) -> Reply {
    Reply::Paid(Receipt {
        gateway_number: Some("g-1".to_owned()),
        paid_at_ms,
        refundable: None,
        evidence: Evidence::Signature,
    })
}

fn paid_other() -> Reply {
    Reply::PaidOther(Amount { minor: 1, currency: crate::Currency::HKD })
}

fn qr_ready() -> Reply {
    Reply::QrReady { pay_url: "https://qr.example/1".to_owned(), gateway_number: None }
}

fn not_paid() -> Reply {
    Reply::NotPaid("PAYERROR".to_owned())
}

fn refund_proved() -> Reply {
    Reply::RefundProved(Returned {
        gateway_number: Some("r-1".to_owned()),
        refunded_at_ms: Some(INTENT_AT_MS + 9_000),
        evidence: Evidence::Signature,
    })
}

fn refund_failed() -> Reply {
    Reply::RefundFailed("FAIL".to_owned())
}

fn refused() -> Reply {
    Reply::Refused("4001".to_owned())
}

/// How a question may end that proves nothing: where its success is not signed, late money may stand there.
fn unanswered() -> [fn(&mut Till); 4] {
    [
        |till| {
            till.no_answer();
        },
        |till| {
            till.not_sent();
        },
        |till| {
            till.reply(Reply::Unproved("unreadable"));
        },
        |till| {
            till.reply(Reply::Unverified);
        },
    ]
}

/// One of every kind.
fn every_reply() -> Vec<Reply> {
    vec![
        paid(),
        paid_at(None),
        paid_at(Some(INTENT_AT_MS - 60_000)),
        Reply::LooksPaid,
        paid_other(),
        Reply::Unverified,
        Reply::Waiting,
        Reply::OtherQr,
        qr_ready(),
        Reply::SendAgain,
        refused(),
        not_paid(),
        Reply::NotFound,
        Reply::NumberTaken,
        Reply::Reversed,
        Reply::Closed,
        Reply::ReverseDone,
        Reply::ReverseAgain,
        Reply::ReverseRefused,
        Reply::ReturnedElsewhere,
        Reply::ReturnedInFull,
        Reply::RefundAccepted,
        refund_proved(),
        refund_failed(),
        Reply::RefundChanged,
        Reply::Unproved("unreadable"),
    ]
}
