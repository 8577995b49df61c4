//! How the customers, the wallets and the gateways behave for a while.
//!
//! Left out is what no till could see through: a stranger's good answer on a fresh connection, where the protocol names
//! no order, and a gateway that denies an order that it has.

use paywand_sandbox::{After, Customer, Do, Kind, Op, Plan, Refunding, Rule};

use crate::chance::Chance;

const OPS: [Op; 8] =
    [Op::Charge, Op::Create, Op::Query, Op::Detail, Op::Reverse, Op::Close, Op::Refund, Op::RefundQuery];

/// Misbehaviours that are laid out for each operation, and for queries, of which there are more; when they are used up, all
/// goes well.
const LAID_OUT: usize = 4;
const LAID_OUT_FOR_QUERIES: usize = 12;

/// The next weather, in which one exchange in `every` goes wrong.
pub fn weather(chance: &mut Chance, every: u64) -> Plan {
    let customer = chance.one(&[
        Customer::Pays,
        Customer::Pays,
        Customer::Pays,
        Customer::Pays,
        Customer::Pays,
        Customer::Pays,
        Customer::Pays,
        Customer::PaysAfter { queries: 2 },
        Customer::Never,
        Customer::Declines { at_once: true },
        Customer::Declines { at_once: false },
        Customer::PaysDuringReverse,
        Customer::PaysLate { after: After::Reverse },
        Customer::PaysLate { after: After::Close },
    ]);
    let refunds = chance.one(&[
        Refunding::Succeeds,
        Refunding::Succeeds,
        Refunding::Succeeds,
        Refunding::Succeeds,
        Refunding::Succeeds,
        Refunding::SucceedsAfter { queries: 1 },
        Refunding::SucceedsAfter { queries: 3 },
        Refunding::Fails,
        Refunding::Changes,
        Refunding::Stays,
    ]);
    let mut plan = Plan::new().customer(customer).refunds(refunds);
    plan.coupon_minor = chance.one(&[0, 0, 0, 25]);
    plan.close_after_five_minutes = chance.below(10) == 0;
    for op in OPS {
        let laid_out = if op == Op::Query { LAID_OUT_FOR_QUERIES } else { LAID_OUT };
        for _ in 0..laid_out {
            let rule = rule(op, chance).skip(fair_weather(chance, every));
            plan = plan.rule(rule);
        }
    }
    plan
}

/// How many exchanges go well before one in `every` goes wrong.
fn fair_weather(chance: &mut Chance, every: u64) -> u32 {
    let mut skip = 0;
    while chance.below(every) != 0 {
        skip += 1;
    }
    skip
}

fn rule(op: Op, chance: &mut Chance) -> Rule {
    if chance.below(8) == 0 {
        // Said wrongly, or really moved: only where the answer tells it, and only signed where it could end something.
        let signed = [Kind::BlueoceanV1, Kind::Bjrcb, Kind::TencentCpay];
        let what = chance.one(&[Do::OtherAmount, Do::OtherCurrency, Do::OtherRefund]);
        return Rule::new(op, what).at(chance.one(&signed));
    }
    if op == Op::Charge && chance.below(16) == 0 {
        // The one that may go over a connection that has been used.
        return Rule::new(op, Do::Stranger { reused_only: true }).at(Kind::Bjrcb);
    }
    if matches!(op, Op::Charge | Op::Create) && chance.below(16) == 0 {
        return Rule::new(op, Do::OtherAmount).at(chance.one(&[Kind::Huishouyin, Kind::MaxfunTp]));
    }
    let own = own(op);
    let what = if !own.is_empty() && chance.below(4) == 0 { chance.one(own) } else { anywhere(chance) };
    Rule::new(op, what)
}

/// What goes wrong with this operation only.
fn own(op: Op) -> &'static [Do] {
    match op {
        Op::Charge | Op::Create => &[Do::Refused { code: None }, Do::Repeat],
        Op::Query | Op::Detail => &[Do::UnknownState],
        Op::Reverse | Op::Close => &[Do::ReverseAgain, Do::ReverseRefused],
        Op::Refund => &[Do::Refused { code: None }, Do::FundsShort, Do::PastPeriod],
        Op::RefundQuery => &[Do::UnknownState, Do::NotFound],
    }
}

fn anywhere(chance: &mut Chance) -> Do {
    let effect = chance.below(2) == 0;
    chance.one(&[
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
        Do::Empty,
        Do::Huge,
        Do::Drip { pause_ms: 0 },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherOrder,
        Do::UnknownCode { effect },
        Do::Busy { effect },
        Do::CodeAsText,
        Do::ClockHeader { offset_ms: 3_600_000 },
    ])
}
