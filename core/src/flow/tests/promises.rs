//! The promises, over random walks through every input under every set of rules.
//!
//! A hundred walks per set of rules, the same ones each time; PROPTEST_CASES asks for more.
//! A [`Witness`] keeps its own account of what left the device and when, and objects to any step that breaks a promise.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::*;
use crate::flow::{Memory, Open, Step};

/// What a walk may do next.
#[derive(Clone, Debug)]
enum Act {
    Reply(Reply),
    /// One of the replies that the open operation gets in life.
    Likely(usize),
    NoAnswer,
    NotSent {
        device_clock: bool,
    },
    Stale {
        back: u32,
        reply: Reply,
    },
    Wait,
    Pass(i64),
    Begin,
    Cancel,
    Retry,
    Notified,
    Settle(bool),
    Restart(Input),
}

fn act() -> impl Strategy<Value = Act> {
    let start = prop::sample::select(vec![
        Input::Recovered,
        Input::Recovered,
        Input::Recovered,
        Input::AccountChanged,
        Input::GatewayMissing,
    ]);
    let every = prop::sample::select(every_reply());
    prop_oneof![
        20 => any::<usize>().prop_map(Act::Likely),
        3 => every.clone().prop_map(Act::Reply),
        5 => Just(Act::NoAnswer),
        3 => prop::bool::weighted(0.1).prop_map(|device_clock| Act::NotSent { device_clock }),
        2 => (0_u32..4, every).prop_map(|(back, reply)| Act::Stale { back, reply }),
        20 => Just(Act::Wait),
        2 => prop_oneof![0_i64..20_000, 0_i64..4_000_000].prop_map(Act::Pass),
        1 => Just(Act::Begin),
        2 => Just(Act::Cancel),
        1 => Just(Act::Retry),
        1 => Just(Act::Notified),
        1 => any::<bool>().prop_map(Act::Settle),
        2 => start.prop_map(Act::Restart),
    ]
}

fn likely(op: Operation) -> Vec<Reply> {
    match op {
        Operation::Charge => vec![Reply::Waiting, Reply::SendAgain, refused(), Reply::Unverified, Reply::NumberTaken],
        Operation::CreateQr => {
            vec![qr_ready(), qr_ready(), qr_ready(), Reply::SendAgain, refused(), Reply::NumberTaken]
        }
        Operation::Query | Operation::Detail => vec![
            Reply::Waiting,
            Reply::Waiting,
            Reply::Waiting,
            Reply::NotFound,
            Reply::NotFound,
            Reply::LooksPaid,
            Reply::Unverified,
            not_paid(),
            paid(),
        ],
        Operation::Reverse | Operation::Close => {
            vec![Reply::ReverseDone, Reply::ReverseAgain, Reply::ReverseRefused, Reply::NotFound]
        }
        Operation::Refund => vec![
            Reply::RefundAccepted,
            Reply::RefundAccepted,
            refund_proved(),
            refused(),
            refund_failed(),
            Reply::ReturnedInFull,
        ],
        Operation::RefundQuery => vec![
            Reply::Waiting,
            Reply::Waiting,
            Reply::NotFound,
            refund_proved(),
            refund_failed(),
            Reply::RefundChanged,
        ],
    }
}

/// What an honest observer knows.
struct Witness {
    till: Till,
    kind: PaymentKind,
    open: Option<(u32, Operation, Time)>,
    /// A charge or creation may have left.
    pay_left: bool,
    pays_left: u32,
    /// A reverse may have left.
    reverse_left: bool,
    /// A refund may have left, and when at the latest.
    refund_left: bool,
    refund_from: Time,
    /// A refund query was answered since the last refund.
    asked_for_refund: bool,
    /// From when the least age of a reverse counts.
    age_from: Time,
    number_taken: bool,
    /// The newest ended query was answered, and undecided.
    undecided: bool,
    restarted: bool,
    /// Another account, or none: nothing may be sent.
    suspended: bool,
}

impl Witness {
    fn begin(kind: PaymentKind, rules: Rules) -> Self {
        let till = Till { flow: Flow::new(kind, rules, INTENT_AT_MS), now: Time(1_000_000), effect: Effect::Rest };
        let mut witness = Self {
            till,
            kind,
            open: None,
            pay_left: false,
            pays_left: 0,
            reverse_left: false,
            refund_left: false,
            refund_from: Time(1_000_000),
            asked_for_refund: false,
            age_from: Time(1_000_000),
            number_taken: false,
            undecided: false,
            restarted: false,
            suspended: false,
        };
        witness.input(Input::Begin);
        witness
    }

    fn perform(&mut self, act: Act) {
        let number = self.till.flow.number();
        match act {
            Act::Reply(reply) => self.input(Input::Reply { number, reply }),
            Act::Likely(choice) => {
                if let Some((_, op, _)) = self.open {
                    let replies = likely(op);
                    self.input(Input::Reply { number, reply: replies[choice % replies.len()].clone() });
                }
            }
            Act::NoAnswer => self.input(Input::NoAnswer { number }),
            Act::NotSent { device_clock } => self.input(Input::NotSent { number, device_clock }),
            Act::Stale { back, reply } => {
                if back > 0 || self.open.is_none() {
                    self.input(Input::Reply { number: number.saturating_sub(back), reply });
                }
            }
            Act::Wait => {
                self.till.now = match self.till.effect {
                    Effect::WaitUntil(at) => self.till.now.max(at),
                    Effect::Send(_) => self.till.now.after(self.till.flow.rules.exchange_limit_ms()),
                    Effect::Rest => self.till.now,
                };
                self.input(Input::TimeUp { number });
            }
            Act::Pass(ms) => self.till.now = self.till.now.after(ms),
            Act::Begin => self.input(Input::Begin),
            Act::Cancel => self.input(Input::CancelAsked),
            Act::Retry => self.input(Input::RetryAsked),
            Act::Notified => self.input(Input::Notified),
            Act::Settle(paid) => self.input(Input::SettledByHand { paid }),
            Act::Restart(start) => {
                let stored = self.till.flow.to_stored();
                self.till.flow = Flow::from_stored(&stored, self.till.flow.rules).unwrap();
                self.input(start);
            }
        }
    }

    fn input(&mut self, input: Input) {
        let before = self.till.flow.clone();
        let open_before = self.open;
        let ended = self.learn(&input);
        let Ok(()) = self.till.try_input(input.clone()) else {
            assert!(matches!(input, Input::CancelAsked | Input::SettledByHand { .. }), "{input:?} was refused");
            return;
        };
        if ended.is_none() && open_before.is_some() && self.open.is_some() {
            assert!(!matches!(self.till.effect, Effect::Send(_)), "two exchanges at a time");
        }
        if ended.is_none() && matches!(input, Input::Reply { .. } | Input::NotSent { .. } | Input::NoAnswer { .. }) {
            let time_alone = before.step(Input::TimeUp { number: u32::MAX }, self.till.now).unwrap().next;
            assert_eq!(without_next_query(&time_alone), without_next_query(&self.till.flow), "an older send's answer");
        }
        self.check_end(&before, &input, ended);
        self.check_effect();
    }

    /// What the input says about what left; gives the exchange that it ends.
    fn learn(&mut self, input: &Input) -> Option<(u32, Operation, Time)> {
        let restart = matches!(input, Input::Recovered | Input::AccountChanged | Input::GatewayMissing);
        if restart {
            self.suspended = *input != Input::Recovered;
            self.restarted = true;
            self.undecided = false;
            self.age_from = self.till.now;
            self.refund_from = self.till.now;
        }
        let (number, op, at) = self.open?;
        let now = self.till.now;
        let (over, left) = match input {
            Input::Reply { number: of, .. } | Input::NoAnswer { number: of } => (*of == number, true),
            Input::NotSent { number: of, .. } => (*of == number, false),
            Input::TimeUp { number: of } => {
                (*of == number && now >= at.after(self.till.flow.rules.exchange_limit_ms()), true)
            }
            _ => (restart, true),
        };
        if !over {
            return None;
        }
        self.open = None;
        match op {
            Operation::Charge | Operation::CreateQr => {
                self.number_taken |= matches!(input, Input::Reply { reply: Reply::NumberTaken, .. });
                if left {
                    self.age_from = now;
                }
            }
            Operation::Refund if left => self.refund_from = now,
            Operation::RefundQuery => {
                let late = at >= self.refund_from.after(self.till.flow.rules.timing.landing_horizon_ms);
                let unseen = matches!(input, Input::Reply { reply: Reply::NotFound, .. });
                self.asked_for_refund = unseen && (late || self.till.flow.rules.refund_repeats);
            }
            Operation::Query => {
                let Input::Reply { reply, .. } = input else {
                    self.undecided = false;
                    return Some((number, op, at));
                };
                self.undecided = matches!(reply, Reply::Waiting | Reply::NotFound | Reply::NotPaid(_));
            }
            _ => {}
        }
        Some((number, op, at))
    }

    /// Which end may follow from what; called before what has just left is noted.
    fn check_end(&mut self, before: &Flow, input: &Input, ended: Option<(u32, Operation, Time)>) {
        let (was, is) = (before.view(), self.till.view());
        let reply = match (input, ended) {
            (Input::Reply { reply, .. }, Some(_)) => Some(reply),
            _ => None,
        };
        let asked = matches!(ended, Some((_, Operation::Query | Operation::Detail, _)));
        let paying = matches!(ended, Some((_, Operation::Charge | Operation::CreateQr, _)));
        if was.state.is_final() && was.state != is.state {
            if is.state != PaymentState::Refunding {
                assert_eq!(is.state, PaymentState::NeedsAttention, "an end is final");
                let told = if self.number_taken { Reason::NumberTaken } else { Reason::RefundByHand };
                assert_eq!(is.reason, Some(told));
            }
            assert!(is.contradicted && was.state != PaymentState::Paid && was.state != PaymentState::Refunded);
        } else if was.state != is.state {
            match is.state {
                PaymentState::Paid => {
                    let Some(Reply::Paid(receipt)) = reply else { panic!("paid without proof: {input:?}") };
                    assert!(!(self.kind == PaymentKind::Charge && self.reverse_left), "paid after a reverse");
                    let in_time = receipt.paid_at_ms.is_some_and(|at| at >= INTENT_AT_MS - 999);
                    assert!(in_time || !self.number_taken, "another sale's payment");
                }
                PaymentState::Failed => self.check_failed(is.reason, input, ended),
                PaymentState::Reversed | PaymentState::Closed => {
                    let by_us = self.reverse_left && matches!(reply, Some(Reply::ReturnedInFull));
                    let named = by_us || matches!(reply, Some(Reply::Reversed | Reply::Closed | Reply::NotFound));
                    assert!(asked && named, "{input:?}");
                }
                PaymentState::Refunded => {
                    let refunding = matches!(ended, Some((_, Operation::Refund | Operation::RefundQuery, _)));
                    assert!(refunding && matches!(reply, Some(Reply::RefundProved(_))), "{input:?}");
                }
                PaymentState::SettledPaid | PaymentState::SettledNotPaid => {
                    assert_eq!(*input, Input::SettledByHand { paid: is.state == PaymentState::SettledPaid });
                    assert_eq!(was.state, PaymentState::NeedsAttention);
                }
                PaymentState::NeedsAttention if self.number_taken => {
                    assert_ne!(is.reason, Some(Reason::RefundByHand), "another sale's money");
                }
                _ => {}
            }
        }
        let not_sent = matches!(input, Input::NotSent { .. });
        if paying && !not_sent {
            self.pay_left = true;
            self.pays_left += 1;
            // Status 3 is followed at most three times.
            assert!(self.pays_left <= 4, "a charge is sent once");
        }
        self.reverse_left |= matches!(ended, Some((_, Operation::Reverse | Operation::Close, _))) && !not_sent;
        self.refund_left |= matches!(ended, Some((_, Operation::Refund, _))) && !not_sent;
    }

    fn check_failed(&self, reason: Option<Reason>, input: &Input, ended: Option<(u32, Operation, Time)>) {
        let first = matches!(ended, Some((_, Operation::Charge | Operation::CreateQr | Operation::Refund, _)));
        let paying = first && !self.refund_left;
        let proved = match reason {
            Some(Reason::RefundFailed) => {
                self.kind == PaymentKind::Refund && matches!(input, Input::Reply { reply: Reply::RefundFailed(_), .. })
            }
            Some(Reason::Refused) => {
                paying && !self.pay_left && matches!(input, Input::Reply { reply: Reply::Refused(_), .. })
            }
            Some(Reason::NotSent) => match input {
                Input::NotSent { .. } => paying && !self.pay_left,
                Input::Recovered => ended.is_none() && !self.pay_left,
                _ => false,
            },
            Some(Reason::DeviceClock) => {
                paying && !self.pay_left && matches!(input, Input::NotSent { device_clock: true, .. })
            }
            Some(Reason::Cancelled) => match input {
                Input::NotSent { .. } => paying && !self.pay_left,
                Input::CancelAsked => self.open.is_none() && !self.pay_left,
                _ => false,
            },
            Some(Reason::NotPaid) => {
                let age = self.till.flow.rules.timing.min_reverse_age_ms;
                let old_enough =
                    ended.is_some_and(|(_, op, at)| op == Operation::Query && at >= self.age_from.after(age));
                old_enough && !self.reverse_left && matches!(input, Input::Reply { reply: Reply::NotPaid(_), .. })
            }
            _ => false,
        };
        assert!(proved, "failed({reason:?}) without proof: {input:?}");
    }

    fn check_effect(&mut self) {
        let rules = self.till.flow.rules;
        let view = self.till.view();
        match self.till.effect {
            Effect::Send(op) => {
                assert_eq!(self.open, None, "one exchange at a time");
                assert!(!self.suspended, "{op:?} is sent under another account");
                match op {
                    Operation::Charge | Operation::CreateQr => {
                        assert!(!self.restarted, "the code is gone");
                        assert_eq!(view.state, PaymentState::Charging);
                    }
                    Operation::Query => assert!(rules.query),
                    Operation::Detail => assert!(rules.detail),
                    Operation::Reverse => {
                        assert!(rules.reverse && !self.number_taken);
                        let age_reached = self.age_from.after(rules.timing.min_reverse_age_ms);
                        assert!(self.till.now >= age_reached, "a reverse before its least age");
                        assert!(self.undecided || self.reverse_left, "a first reverse needs an undecided answer");
                    }
                    Operation::Close => assert!(rules.close && !self.number_taken),
                    Operation::Refund => {
                        assert!(rules.refund && !self.number_taken);
                        assert!(!self.refund_left || self.asked_for_refund, "a question comes before each repeat");
                        self.asked_for_refund = false;
                    }
                    Operation::RefundQuery => assert!(rules.refund_query && self.refund_left, "no refund was sent"),
                }
                self.open = Some((self.till.flow.number(), op, self.till.now));
            }
            Effect::WaitUntil(at) => assert!(at > self.till.now || self.open.is_some(), "a wait that is over"),
            Effect::Rest => {
                let nothing_helps = matches!(
                    view.reason,
                    Some(
                        Reason::AmountDiffers
                            | Reason::ReturnedElsewhere
                            | Reason::RefundByHand
                            | Reason::RefundUnconfirmed
                            | Reason::AccountChanged
                            | Reason::GatewayMissing
                            | Reason::NumberTaken
                    )
                );
                let ended = view.state.is_final() && (view.follow_up == FollowUp::None || self.suspended);
                let asks = if self.refund_left { rules.refund_query } else { rules.query };
                let waits = view.state == PaymentState::NeedsAttention && (nothing_helps || !asks);
                assert!(ended || waits, "stuck: {:?}", self.till.flow);
            }
        }
    }

    /// From wherever the walk stopped: with a gateway that answers, it ends, or a person can end it.
    fn finish(mut self) {
        for _ in 0..500 {
            let state = self.till.state();
            if state.is_final() && self.till.effect == Effect::Rest {
                return;
            }
            let number = self.till.flow.number();
            match self.till.effect {
                Effect::Rest => {
                    assert_eq!(self.till.settle(false), Ok(()), "nobody can end it: {:?}", self.till.flow);
                    return;
                }
                Effect::WaitUntil(_) => self.perform(Act::Wait),
                Effect::Send(_) => {
                    self.input(Input::Reply { number, reply: Reply::Waiting });
                    if self.till.state() == PaymentState::NeedsAttention && self.till.settle(false).is_ok() {
                        return;
                    }
                }
            }
        }
        panic!("it never ends: {:?}", self.till.flow);
    }
}

/// All but what an older send's answer may change: the time of the next query, which may be sent at once.
fn without_next_query(flow: &Flow) -> Memory {
    Memory { open: None, due: None, sends: 0, taken_off: false, ..flow.memory.clone() }
}

fn walk(kind: PaymentKind, rules: Rules) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let acts = prop::collection::vec(act(), 1..80);
    let result = runner.run(&acts, |acts| {
        let mut witness = Witness::begin(kind, rules);
        for act in acts {
            witness.perform(act);
        }
        witness.finish();
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn promises_hold_for_charges_with_reverse_and_cleaning() {
    walk(PaymentKind::Charge, BLUEOCEAN);
}

#[test]
fn promises_hold_for_charges_with_reverse() {
    walk(PaymentKind::Charge, BJRCB);
}

#[test]
fn promises_hold_for_charges_with_detail_and_reverse() {
    walk(PaymentKind::Charge, Rules { reverse: true, cleans_failures: true, ..HUISHOUYIN });
}

#[test]
fn promises_hold_for_charges_without_reverse() {
    walk(PaymentKind::Charge, TENCENT);
}

#[test]
fn promises_hold_for_charges_of_which_nothing_can_be_asked() {
    walk(PaymentKind::Charge, MAXFUN);
}

#[test]
fn promises_hold_for_qr_orders() {
    walk(PaymentKind::Qr, TENCENT);
}

#[test]
fn promises_hold_for_qr_orders_with_detail() {
    walk(PaymentKind::Qr, HUISHOUYIN);
}

#[test]
fn promises_hold_for_qr_orders_without_close() {
    walk(PaymentKind::Qr, BLUEOCEAN);
    walk(PaymentKind::Qr, MAXFUN);
}

#[test]
fn promises_hold_where_money_goes_back_by_itself() {
    walk(PaymentKind::Charge, REFUNDS);
    walk(PaymentKind::Charge, Rules { refund_query: false, ..REFUNDS });
    walk(PaymentKind::Charge, Rules { detail: true, refund_repeats: false, ..REFUNDS });
    walk(PaymentKind::Qr, Rules { refund: true, refund_query: true, ..TENCENT });
    walk(PaymentKind::Qr, Rules { refund: true, refund_query: true, ..HUISHOUYIN });
}

#[test]
fn promises_hold_for_refunds() {
    walk(PaymentKind::Refund, REFUNDS);
    walk(PaymentKind::Refund, Rules { refund_repeats: false, ..REFUNDS });
    walk(PaymentKind::Refund, Rules { refund_query: false, refund_repeats: false, ..REFUNDS });
    walk(PaymentKind::Refund, Rules { detail: true, ..REFUNDS });
}

#[test]
fn promises_hold_where_a_reverse_needs_no_age_and_nothing_waits() {
    let timing = Timing { min_reverse_age_ms: 0, first_query_ms: 0, interval_ms: 1, deadline_ms: 0, ..Timing::COMMON };
    walk(PaymentKind::Charge, Rules { timing, ..BLUEOCEAN });
    walk(PaymentKind::Qr, Rules { timing, ..HUISHOUYIN });
}

#[test]
fn every_input_in_every_state_has_a_step() {
    let starts = [Input::Begin, Input::CancelAsked, Input::RetryAsked, Input::Notified, Input::Recovered];
    let others = [Input::AccountChanged, Input::GatewayMissing];
    let settlements = [true, false].map(|paid| Input::SettledByHand { paid });
    for (name, flow) in stored::shapes() {
        let mut inputs: Vec<_> = starts.iter().chain(&others).chain(&settlements).cloned().collect();
        for number in [0, flow.number(), flow.number() + 1, u32::MAX] {
            inputs.extend(every_reply().into_iter().map(|reply| Input::Reply { number, reply }));
            inputs.extend([true, false].map(|device_clock| Input::NotSent { number, device_clock }));
            inputs.extend([Input::NoAnswer { number }, Input::TimeUp { number }]);
        }
        for input in inputs {
            for now in [Time(i64::MIN), Time(0), Time(2_000_000), Time(i64::MAX)] {
                for sends in [flow.memory.sends, u32::MAX] {
                    for op in [None, Some(Operation::Query), Some(Operation::Reverse), Some(Operation::Close)] {
                        let mut flow = flow.clone();
                        flow.memory.sends = sends;
                        flow.memory.tries = sends;
                        flow.memory.open = op.map(|op| Open { number: sends, op, at: now }).or(flow.memory.open);
                        if let Ok(Step { next, .. }) = flow.step(input.clone(), now) {
                            assert_eq!(Flow::from_stored(&next.to_stored(), next.rules), Ok(next), "{name}");
                        }
                    }
                }
            }
        }
    }
}
