//! The stored form: every place a payment can stand in has a golden file per released version, which must be read.
//!
//! After a change of the form: a new version in `stored.rs`, a new folder written by `write_golden_files`, and the old
//! folders as they are.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::*;
use crate::flow::{Place, UnknownVersion};

/// One flow per place, by the name of its golden file.
pub(super) fn shapes() -> Vec<(&'static str, Flow)> {
    let mut shapes = at_work();
    shapes.extend(in_attention());
    shapes.extend(ended());
    shapes
}

fn at_work() -> Vec<(&'static str, Flow)> {
    let mut not_left = Till::charge(BLUEOCEAN);
    not_left.not_sent();
    let mut again = Till::charge(TENCENT);
    again.reply(Reply::SendAgain);
    let mut number_taken = Till::charge(BLUEOCEAN);
    number_taken.reply(Reply::NumberTaken);
    let mut detail = Till::lost_charge(HUISHOUYIN);
    detail.answer_query(Reply::LooksPaid);
    let mut cancelled = Till::lost_charge(BLUEOCEAN);
    cancelled.cancel().unwrap();
    let mut asking = Till::reversing(BLUEOCEAN);
    asking.reply(Reply::ReverseRefused);
    let mut confirming = Till::reversing(BLUEOCEAN);
    confirming.reply(Reply::ReverseDone);
    let mut hidden = Till::shown_qr(TENCENT);
    hidden.cancel().unwrap();
    let mut closed_once = Till::closing(TENCENT);
    closed_once.reply(Reply::NotFound);
    let mut accepted = Till::refund(REFUNDS);
    accepted.reply(Reply::RefundAccepted);
    vec![
        ("charging", Till::charge(BLUEOCEAN).flow),
        ("charging_not_left", not_left.flow),
        ("charging_again", again.flow),
        ("querying", Till::lost_charge(BLUEOCEAN).flow),
        ("querying_number_taken", number_taken.flow),
        ("querying_detail", detail.flow),
        ("cancel_waiting", cancelled.flow),
        ("reversing", Till::reversing(BLUEOCEAN).flow),
        ("reversing_refused", asking.flow),
        ("confirming", confirming.flow),
        ("creating", Till::qr(TENCENT).flow),
        ("showing", Till::shown_qr(TENCENT).flow),
        ("showing_hidden", hidden.flow),
        ("closing", Till::closing(TENCENT).flow),
        ("closing_not_found", closed_once.flow),
        ("refunding", Till::giving_back(REFUNDS).flow),
        ("refunding_asked_for", Till::refund(REFUNDS).flow),
        ("refunding_accepted", accepted.flow),
    ]
}

fn in_attention() -> Vec<(&'static str, Flow)> {
    let attention = |mut till: Till, reply: Option<Reply>| {
        till.answer_until_state(PaymentState::NeedsAttention, reply);
        till.flow
    };
    let restarted = |mut till: Till, start: Input| {
        till.restart_with(start);
        till.flow
    };
    let answered = |mut till: Till, reply: Reply| {
        till.reply(reply);
        till.flow
    };
    let mut cancelled = Till::lost_charge(BLUEOCEAN);
    cancelled.cancel().unwrap();
    let mut returned = Till::lost_charge(BLUEOCEAN);
    returned.answer_query(Reply::ReturnedElsewhere);
    let mut confirming = Till::reversing(BLUEOCEAN);
    confirming.reply(Reply::ReverseDone);
    let mut contradicted = Till::reversing(BLUEOCEAN);
    contradicted.reply(Reply::ReverseDone).reply(Reply::Reversed).answer_query(paid());
    let mut unseen = Till::lost_charge(BLUEOCEAN);
    while unseen.state() != PaymentState::NeedsAttention {
        if matches!(unseen.effect, Effect::WaitUntil(_)) {
            unseen.wait();
        }
        unseen.reply(Reply::NotFound);
    }
    let mut taken = Till::charge(BLUEOCEAN);
    taken.reply(Reply::NumberTaken);
    let no_reverse = Rules { reverse: false, ..BJRCB };
    let no_close = Rules { close: false, ..TENCENT };
    let unasked = Rules { refund_query: false, ..REFUNDS };
    vec![
        ("attention_charging_amount_differs", answered(Till::charge(BLUEOCEAN), paid_other())),
        ("attention_charging_gateway_missing", restarted(Till::charge(BLUEOCEAN), Input::GatewayMissing)),
        ("attention_creating_account_changed", restarted(Till::qr(TENCENT), Input::AccountChanged)),
        ("attention_showing_unresolved", attention(Till::shown_qr(TENCENT), None)),
        ("attention_querying_unresolved", attention(Till::lost_charge(BLUEOCEAN), None)),
        ("attention_querying_signature_fails", attention(Till::lost_charge(BLUEOCEAN), Some(Reply::Unverified))),
        ("attention_querying_cannot_ask", attention(Till::lost_charge(MAXFUN), None)),
        ("attention_querying_cannot_reverse", attention(Till::lost_charge(no_reverse), Some(Reply::Waiting))),
        ("attention_querying_number_taken", attention(taken, Some(Reply::Waiting))),
        ("attention_querying_returned_elsewhere", returned.flow),
        ("attention_cancel_waiting_unresolved", attention(cancelled, None)),
        ("attention_reversing_never_seen", unseen.flow),
        ("attention_reversing_unresolved", attention(Till::reversing(BLUEOCEAN), Some(Reply::Waiting))),
        ("attention_confirming_unresolved", attention(confirming, None)),
        ("attention_closing_cannot_close", attention(Till::shown_qr(no_close), Some(Reply::Waiting))),
        ("attention_refunding_refund_by_hand", contradicted.flow),
        ("attention_refunding_unconfirmed", answered(Till::refund(unasked), Reply::RefundAccepted)),
        ("attention_refunding_changed", answered(Till::refund(REFUNDS), Reply::RefundChanged)),
    ]
}

fn ended() -> Vec<(&'static str, Flow)> {
    let mut paid_charge = Till::charge(BLUEOCEAN);
    paid_charge.reply(paid());
    let mut too_late = Till::lost_charge(BLUEOCEAN);
    too_late.cancel().unwrap();
    too_late.reply(paid());
    let mut failed = Till::charge(BLUEOCEAN);
    failed.reply(refused());
    let mut cleaning = Till::lost_charge(BLUEOCEAN);
    cleaning.pass(15_000);
    cleaning.answer_query(not_paid());
    let mut cancelled = Till::charge(BLUEOCEAN);
    cancelled.not_sent();
    cancelled.cancel().unwrap();
    let mut not_sent = Till::charge(BLUEOCEAN);
    not_sent.pass(60_000).not_sent();
    let mut clock = Till::charge(BLUEOCEAN);
    clock.input(Input::NotSent { number: 1, device_clock: true });
    let mut reversed = Till::reversing(BLUEOCEAN);
    reversed.reply(Reply::ReverseDone).reply(Reply::Reversed);
    let mut closed = Till::closing(TENCENT);
    closed.reply(Reply::ReverseDone).reply(Reply::Closed);
    let settled = |says_paid| {
        let mut till = Till::lost_charge(BLUEOCEAN);
        till.answer_until_state(PaymentState::NeedsAttention, None);
        till.settle(says_paid).unwrap();
        till
    };
    let answered = |mut till: Till, reply: Reply| {
        till.reply(reply);
        till.flow
    };
    let mut contradicted = settled(false);
    contradicted.answer_query(paid());
    vec![
        ("paid", paid_charge.flow),
        ("paid_cancel_too_late", too_late.flow),
        ("failed_refused", failed.flow),
        ("failed_not_paid_cleaning", cleaning.flow),
        ("failed_cancelled", cancelled.flow),
        ("failed_not_sent", not_sent.flow),
        ("failed_device_clock", clock.flow),
        ("reversed", reversed.flow),
        ("closed", closed.flow),
        ("refunded", answered(Till::refund(REFUNDS), refund_proved())),
        ("failed_refund", answered(Till::refund(REFUNDS), refund_failed())),
        ("settled_paid", settled(true).flow),
        ("settled_not_paid", settled(false).flow),
        ("settled_not_paid_contradicted", contradicted.flow),
    ]
}

fn golden(version: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/flow/testdata").join(version)
}

fn read(version: &str, name: &str) -> String {
    fs::read_to_string(golden(version).join(format!("{name}.json"))).expect(name)
}

#[test]
fn every_golden_file_is_read_as_what_it_was() {
    let names: BTreeSet<_> = shapes().into_iter().map(|(name, _)| format!("{name}.json")).collect();
    let files = |version: &str| -> BTreeSet<_> {
        fs::read_dir(golden(version)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(files("v2"), names);
    let old = files("v1");
    assert!(old.len() == 44 && old.is_subset(&names));
    for version in ["v1", "v2"] {
        for (name, flow) in shapes() {
            if version == "v1" && !old.contains(&format!("{name}.json")) {
                continue;
            }
            let read = Flow::from_stored(&read(version, name), flow.rules).expect(name);
            assert_eq!(read.memory.place, flow.memory.place, "{version} {name}");
            assert_eq!(read.view(), flow.view(), "{version} {name}");
        }
    }
}

#[test]
fn the_newest_golden_files_are_what_is_written() {
    // Until version 2 is released: `PAYWAND_WRITE_GOLDEN=1 cargo test golden` writes them anew.
    if std::env::var_os("PAYWAND_WRITE_GOLDEN").is_some() {
        for (name, flow) in shapes() {
            fs::write(golden("v2").join(format!("{name}.json")), flow.to_stored() + "\n").unwrap();
        }
    }
    for (name, flow) in shapes() {
        let text = read("v2", name);
        assert_eq!(Flow::from_stored(&text, flow.rules).unwrap().to_stored(), text.trim_end(), "{name}");
    }
}

#[test]
fn every_place_has_a_golden_file() {
    let places: Vec<_> = shapes().into_iter().map(|(_, flow)| flow.memory.place).collect();
    let rows = [
        Row::Charging,
        Row::Creating,
        Row::Showing,
        Row::Querying,
        Row::CancelWaiting,
        Row::Reversing,
        Row::Confirming,
        Row::Closing,
        Row::Refunding,
    ];
    for row in rows {
        assert!(places.contains(&Place::At(row)), "{row:?}");
        assert!(places.iter().any(|place| matches!(place, Place::Attention { from, .. } if *from == row)), "{row:?}");
    }
    let states: Vec<_> = shapes().into_iter().map(|(_, flow)| flow.view().state).collect();
    for state in PaymentState::ALL {
        // Created is before the flow.
        assert_eq!(states.contains(&state), state != PaymentState::Created, "{state:?}");
    }
}

#[test]
fn every_golden_file_goes_on_after_a_restart() {
    for (name, flow) in shapes() {
        let flow = Flow::from_stored(&read("v2", name), flow.rules).unwrap();
        let view = flow.view();
        let step = flow.step(Input::Recovered, Time(10_000_000)).unwrap();
        let goes_on = step.effect != Effect::Rest;
        let rests = matches!(
            step.next.view().state,
            PaymentState::Paid | PaymentState::Failed | PaymentState::Refunded | PaymentState::NeedsAttention
        );
        assert!(goes_on || rests, "{name}");
        if view.state.is_final() {
            assert_eq!(step.next.view().state, view.state, "{name}");
        }
    }
}

#[test]
fn an_unknown_version_or_garbage_is_unknown_and_never_an_end() {
    let stored = Till::charge(BLUEOCEAN).flow.to_stored();
    let cut: String = stored.chars().take(stored.len() / 2).collect();
    let texts = [
        stored.replace("\"v\":2", "\"v\":3"),
        stored.replace("\"v\":2", "\"v\":0"),
        stored.replace("\"v\":2", "\"v\":\"2\""),
        stored.replace("\"v\":2,", ""),
        stored.replace("charging", "charming"),
        stored.replace("\"pay_left\":false", "\"pay_left\":\"no\""),
        stored.replace("\"pay_left\":false,", ""),
        stored.replace("\"pay_left\":false,", "\"pay_left\":false,\"unheard_of\":1,"),
        cut,
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "[1]".to_owned(),
        "{\"v\":1}".to_owned(),
        "{\"v\":1,\"state\":{}}".to_owned(),
        "\u{0}\u{1}".to_owned(),
    ];
    for text in texts {
        assert_ne!(text, stored);
        assert_eq!(Flow::from_stored(&text, BLUEOCEAN), Err(UnknownVersion), "{text}");
    }
}

#[test]
fn the_stored_form_holds_no_receipt_and_no_code() {
    for (name, flow) in shapes() {
        let text = flow.to_stored();
        assert!(!text.contains("g-1") && !text.contains("qr.example"), "{name}");
    }
}
