//! A counterexample as a story: what happened, when, what the flow became, and what is true.

use stateright::Path;

use crate::{
    model::{Act, State, UNIT},
    refund::Entry,
};

/// The story, one numbered line per act.
pub(crate) fn story(path: Path<State, Act>) -> String {
    let steps = path.into_vec();
    let start = steps.first().map_or(0, |(state, _)| state.now.0);
    let mut lines = Vec::new();
    for (number, pair) in steps.windows(2).enumerate() {
        if let [(_, Some(act)), (after, _)] = pair {
            lines.push(format!("{:>4}. {}", number + 1, line(act, after, start)));
        }
    }
    if let Some((begun, _)) = steps.first() {
        lines.insert(0, format!("   0. {}", line_of("the intent is committed", begun, start)));
    }
    if let Some((last, _)) = steps.last() {
        lines.push(format!("stored: {}", last.flow.to_stored()));
    }
    lines.join("\n")
}

fn line(act: &Act, after: &State, start: i64) -> String {
    line_of(&words(act), after, start)
}

fn line_of(what: &str, after: &State, start: i64) -> String {
    let view = after.flow.view();
    let reason = view.reason.map_or(String::new(), |reason| format!("({})", reason.code()));
    let contradicted = if view.contradicted { ", contradicted" } else { "" };
    let next = match (after.exchange, after.wake) {
        (Some(exchange), _) => format!("{} under way", exchange.op.code()),
        (None, Some(wake)) => format!("waits until {}", units(wake.0 - start)),
        (None, None) => "rests".to_owned(),
    };
    let world = &after.world;
    let in_flight = if world.in_flight { ", sale in flight" } else { "" };
    let undo_in_flight = if world.undo_in_flight { ", undo in flight" } else { "" };
    let refund = match (world.refund.entry, world.refund.in_flight) {
        (Entry::Absent, false) => String::new(),
        (entry, in_flight) => format!(", refund {entry:?}{}", if in_flight { " and in flight" } else { "" }),
    };
    let stranger = if world.stranger { "another sale's, " } else { "" };
    format!(
        "at {:>5}: {what}\n          till: {}{reason}{contradicted}, {next}; truth: {stranger}{:?}{in_flight}{undo_in_flight}{refund}",
        units(after.now.0 - start),
        view.state.code(),
        world.order,
    )
}

fn units(ms: i64) -> String {
    format!("{}.{}", ms / UNIT, ms % UNIT * 10 / UNIT)
}

fn words(act: &Act) -> String {
    match act {
        Act::Arrives(outcome) => format!("the request arrives; the gateway answers {:?}", outcome.answer),
        Act::Answered => "the answer arrives".to_owned(),
        Act::Breaks => "the connection breaks".to_owned(),
        Act::NotSent { device_clock: false } => "nothing was sent".to_owned(),
        Act::NotSent { device_clock: true } => "nothing was sent, because of this device's clock".to_owned(),
        Act::LateAnswer => "an answer to an exchange that was given up arrives".to_owned(),
        Act::Wait => "time passes to what is waited for".to_owned(),
        Act::Pass => "time passes during the exchange".to_owned(),
        Act::Sleep => "the device sleeps".to_owned(),
        Act::Days => "days pass over the accepted refund".to_owned(),
        Act::Happens(event, _) => format!("out there: {event:?}"),
        Act::Mood(mood) => format!("the gateway becomes {mood:?}"),
        Act::Cancel => "the cashier cancels".to_owned(),
        Act::Retry => "a person wants it asked for".to_owned(),
        Act::Notified => "the gateway calls".to_owned(),
        Act::Settle(paid) => format!("a person settles it: {}", if *paid { "paid" } else { "not paid" }),
        Act::SettleLater(paid) => {
            format!("much later a person settles it: {}", if *paid { "paid" } else { "not paid" })
        }
        Act::Restart(start) => format!("the process ends and starts again: {start:?}"),
        Act::Withdraw => "the intent's commit had failed; nothing is sent".to_owned(),
    }
}
