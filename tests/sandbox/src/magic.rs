//! Misbehaviour by amount, for use by hand through any client: whoever pays 9001.03 meets a customer who never pays.

use std::sync::LazyLock;

use crate::gateway::Op;
use crate::plan::{After, Customer, Do};
use crate::refunds::Refunding;

/// What one magic amount does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Magic {
    /// The customer behaves so.
    Customer(Customer),
    /// The charge or create goes wrong so, once per order.
    Start(Do),
    /// The customer pays after two queries, and the first query goes wrong so.
    Query(Do),
    /// The customer never pays, and the first reverse or close goes wrong so.
    End(Do),
    /// A refund of this amount ends so.
    Refunding(Refunding),
    /// A refund of this amount goes wrong so, once.
    Refund(Do),
    /// A refund of this amount succeeds after one query, and the first query goes wrong so.
    RefundQuery(Do),
}

impl Magic {
    /// What this amount (in minor units) does, if it is magic.
    pub fn of(amount_minor: i64) -> Option<&'static Magic> {
        static TABLE: LazyLock<Vec<(i64, Magic)>> = LazyLock::new(table);
        TABLE.iter().find(|(amount, _)| *amount == amount_minor).map(|(_, magic)| magic)
    }

    /// The customer that goes with the amount.
    pub(crate) fn customer(&self) -> Customer {
        match self {
            Magic::Customer(customer) => customer.clone(),
            Magic::Start(_) | Magic::Refunding(_) | Magic::Refund(_) | Magic::RefundQuery(_) => Customer::Pays,
            Magic::Query(_) => Customer::PaysAfter { queries: 2 },
            Magic::End(_) => Customer::Never,
        }
    }

    /// What becomes of a refund of the amount.
    pub(crate) fn refunding(&self) -> Refunding {
        match self {
            Magic::Refunding(refunding) => *refunding,
            Magic::RefundQuery(_) => Refunding::SucceedsAfter { queries: 1 },
            _ => Refunding::Succeeds,
        }
    }

    /// What goes wrong with this operation.
    pub(crate) fn misbehaviour(&self, op: Op) -> Option<Do> {
        match (self, op) {
            (Magic::Start(what), Op::Charge | Op::Create)
            | (Magic::Query(what), Op::Query)
            | (Magic::End(what), Op::Reverse | Op::Close)
            | (Magic::Refund(what), Op::Refund)
            | (Magic::RefundQuery(what), Op::RefundQuery) => Some(what.clone()),
            _ => None,
        }
    }

    /// The row of the README's table.
    pub fn describe(&self) -> String {
        let named = |what: &Do| serde_json::to_string(what).unwrap_or_default();
        match self {
            Magic::Customer(customer) => {
                format!("customer `{}`", serde_json::to_string(customer).unwrap_or_default())
            }
            Magic::Start(what) => format!("charge or create `{}`", named(what)),
            Magic::Query(what) => format!("first query `{}`", named(what)),
            Magic::End(what) => format!("first reverse or close `{}`", named(what)),
            Magic::Refunding(refunding) => {
                format!("what becomes of the refund `{}`", serde_json::to_string(refunding).unwrap_or_default())
            }
            Magic::Refund(what) => format!("refund `{}`", named(what)),
            Magic::RefundQuery(what) => format!("first refund query `{}`", named(what)),
        }
    }
}

/// Every magic amount, in minor units.
pub fn table() -> Vec<(i64, Magic)> {
    const DAY_MS: i64 = 86_400_000;
    let customers = [
        Customer::PaysAfter { queries: 1 },
        Customer::PaysAfter { queries: 3 },
        Customer::Never,
        Customer::Declines { at_once: false },
        Customer::Declines { at_once: true },
        Customer::PaysDuringReverse,
        Customer::PaysLate { after: After::Reverse },
        Customer::PaysLate { after: After::Close },
    ];
    let transport = [
        Do::LostBefore,
        Do::LostAfter,
        Do::Http500,
        Do::Http500After,
        Do::Html,
        Do::HtmlAfter,
        Do::CutJson,
        Do::CutJsonClean,
        Do::Redirect,
        Do::Hang { effect: true },
        Do::Hang { effect: false },
        Do::Empty,
        Do::Huge,
        Do::Stranger { reused_only: false },
        Do::Drip { pause_ms: 0 },
    ];
    let content = [
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherAmount,
        Do::OtherOrder,
        Do::OtherCurrency,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
        Do::Repeat,
        Do::Refused { code: None },
        Do::CodeAsText,
        Do::ClockHeader { offset_ms: DAY_MS },
        Do::ClockHeader { offset_ms: -DAY_MS },
    ];
    let query = [
        Do::LostAfter,
        Do::Http500,
        Do::Html,
        Do::CutJson,
        Do::Hang { effect: true },
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherAmount,
        Do::OtherOrder,
        Do::OtherCurrency,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
        Do::NotFound,
        Do::UnknownState,
    ];
    let end = [
        Do::LostBefore,
        Do::LostAfter,
        Do::Http500After,
        Do::CutJson,
        Do::Hang { effect: true },
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::Busy { effect: true },
        Do::ReverseAgain,
        Do::ReverseRefused,
    ];
    let refundings = [
        Refunding::SucceedsAfter { queries: 1 },
        Refunding::SucceedsAfter { queries: 3 },
        Refunding::Stays,
        Refunding::Fails,
        Refunding::Changes,
    ];
    let refund = [
        Do::LostBefore,
        Do::LostAfter,
        Do::Http500,
        Do::Http500After,
        Do::CutJson,
        Do::Hang { effect: true },
        Do::Hang { effect: false },
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherAmount,
        Do::OtherOrder,
        Do::OtherRefund,
        Do::UnknownCode { effect: true },
        Do::Busy { effect: true },
        Do::Refused { code: None },
        Do::FundsShort,
        Do::PastPeriod,
    ];
    let refund_query = [
        Do::LostAfter,
        Do::Http500,
        Do::CutJson,
        Do::Hang { effect: true },
        Do::Stranger { reused_only: false },
        Do::BadSignature,
        Do::NoSignature,
        Do::OtherAmount,
        Do::OtherOrder,
        Do::OtherRefund,
        Do::UnknownCode { effect: true },
        Do::UnknownState,
        Do::Busy { effect: true },
        Do::NotFound,
    ];
    block(900_101, customers.map(Magic::Customer))
        .chain(block(900_201, transport.map(Magic::Start)))
        .chain(block(900_301, content.map(Magic::Start)))
        .chain(block(900_401, query.map(Magic::Query)))
        .chain(block(900_501, end.map(Magic::End)))
        .chain(block(900_601, refundings.map(Magic::Refunding)))
        .chain(block(900_701, refund.map(Magic::Refund)))
        .chain(block(900_801, refund_query.map(Magic::RefundQuery)))
        .collect()
}

fn block<const N: usize>(first: i64, magics: [Magic; N]) -> impl Iterator<Item = (i64, Magic)> {
    (first..).zip(magics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_exactly_the_magic_amounts() {
        let readme = include_str!("../README.md");
        let listed: Vec<&str> = readme.lines().filter(|line| line.starts_with("| 900")).collect();
        let rows: Vec<String> =
            table().iter().map(|(amount, magic)| format!("| {amount} | {} |", magic.describe())).collect();
        assert_eq!(listed, rows, "the rows should read:\n{}\n", rows.join("\n"));
    }
}
