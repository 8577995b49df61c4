//! What happened on the day, in tables.

use std::collections::BTreeMap;

use paywand::Payment;
use paywand_e2e::{Ended, states};
use paywand_sandbox::{Call, Kind, Op};

use crate::day::Day;

pub(crate) fn print(day: &Day<'_>, payments: &[Payment], ended: &Ended) {
    println!("\noperations");
    for (operation, outcomes) in day.tally().iter() {
        row(operation.name(), outcomes.iter().map(|(outcome, count)| ((*outcome).to_owned(), *count)));
    }
    println!("\nends");
    let mut ends = BTreeMap::<&str, Vec<(String, usize)>>::new();
    for ((kind, state), count) in states(payments) {
        ends.entry(kind).or_default().push((state.to_owned(), count));
    }
    for (kind, states) in ends {
        row(kind, states.into_iter());
    }
    let by_hand = ended.by_hand.iter().map(|(reason, count)| ((*reason).to_owned(), *count));
    row("settled in the evening", by_hand);
    println!("undecided for ever: {}", ended.undecided);
    print_exchanges(&day.shop.till.calls());
}

/// By gateway and operation: how many, and how many of them went wrong.
fn print_exchanges(calls: &[Call]) {
    let mut exchanges = BTreeMap::<Kind, BTreeMap<Op, (usize, usize)>>::new();
    for call in calls {
        let Some(op) = call.op else { continue };
        let (count, wrong) = exchanges.entry(call.gateway).or_default().entry(op).or_default();
        *count += 1;
        *wrong += usize::from(call.outcome != call.effect);
    }
    println!("\nexchanges (of these went wrong)");
    for (kind, ops) in &exchanges {
        let ops: Vec<_> = ops.iter().map(|(op, (count, wrong))| format!("{op:?} {count} ({wrong})")).collect();
        println!("{:<22} {}", format!("{kind:?}"), ops.join(", "));
    }
    let wrong = calls.iter().filter(|call| call.outcome != call.effect).count();
    println!("{} exchanges, {wrong} went wrong", calls.len());
}

fn row(name: &str, counts: impl Iterator<Item = (String, usize)>) {
    let counts: Vec<(String, usize)> = counts.collect();
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    let counts: Vec<_> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    println!("{name:<22} {sum:>5}: {}", counts.join(", "));
}
