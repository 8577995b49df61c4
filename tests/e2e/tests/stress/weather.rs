//! How the gateways misbehave for a while.
//!
//! Left out is what no till could see through: a stranger's good answer on a fresh connection, where the protocol names
//! no order, and a gateway that denies an order that it has.

use paywand_sandbox::{Customer, Do, Kind, Op, Plan, Rule};

use crate::chance::Chance;

const OPS: [Op; 6] = [Op::Charge, Op::Create, Op::Query, Op::Detail, Op::Reverse, Op::Close];

/// The next plan: some customer, and a few answers that go wrong.
pub(crate) fn plan(chance: &mut Chance) -> Plan {
    let customer = chance.one(&[
        Customer::Pays,
        Customer::Pays,
        Customer::PaysAfter { queries: 2 },
        Customer::Never,
        Customer::Declines { at_once: true },
        Customer::Declines { at_once: false },
        Customer::PaysDuringReverse,
    ]);
    let mut plan = Plan::new().customer(customer);
    for _ in 0..chance.below(6) {
        plan = plan.rule(rule(chance));
    }
    plan
}

fn rule(chance: &mut Chance) -> Rule {
    let op = chance.one(&OPS);
    if chance.below(8) == 0 {
        // maxfun's answers name neither amount nor currency, huishouyin's no currency.
        let (what, seen_by) = match chance.below(2) {
            0 => (Do::OtherAmount, vec![Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay, Kind::Huishouyin]),
            _ => (Do::OtherCurrency, vec![Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay]),
        };
        return Rule::new(op, what).at(chance.one(&seen_by));
    }
    let undoing = matches!(op, Op::Reverse | Op::Close);
    if undoing && chance.below(3) == 0 {
        return Rule::new(op, chance.one(&[Do::ReverseAgain, Do::ReverseRefused]));
    }
    let effect = chance.below(2) == 0;
    let what = chance.one(&[
        Do::LostBefore,
        Do::LostAfter,
        Do::Http500,
        Do::Http500After,
        Do::Html,
        Do::HtmlAfter,
        Do::CutJson,
        Do::CutJsonClean,
        Do::Redirect,
        Do::Hang { effect },
        Do::Hang { effect },
        Do::Empty,
        Do::Huge,
        Do::Drip { pause_ms: 0 },
        Do::Stranger { reused_only: true },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::UnknownCode { effect },
        Do::UnknownState,
        Do::Busy { effect },
        Do::Repeat,
        Do::Refused { code: None },
        Do::CodeAsText,
        Do::ClockHeader { offset_ms: 3_600_000 },
    ]);
    Rule::new(op, what).times(u32::try_from(chance.below(3)).expect("it fits") + 1)
}
