//! The largest inputs, in the shapes that cost most: still no panic, no stack used up, no allocation above 16 MiB.

use paywand::PaymentKind;
use paywand_readers::{TARGETS, front, notice_front, run};

/// What the transport lets through.
const ANSWER: usize = 1 << 20;
/// What a person or an app may hand over.
const TEXT: usize = 1 << 16;

/// As much of `part(0) part(1) …` as fits between `front` and `back` in `most` bytes.
fn filled(most: usize, front: &str, part: impl Fn(usize) -> String, back: &str) -> Vec<u8> {
    let mut text = front.to_owned();
    for n in 0.. {
        let part = part(n);
        if text.len() + part.len() + back.len() > most {
            break;
        }
        text.push_str(&part);
    }
    (text + back).into_bytes()
}

#[test]
fn the_largest_answers_are_read_within_bounds() {
    let fields = |n: usize| format!(",\"{n:x}\":1");
    let shapes = [
        filled(ANSWER, "{\"code\":200,\"data\":{\"a\":1", fields, "}}"),
        filled(ANSWER, "{\"status\":0", fields, "}"),
        filled(ANSWER, "{\"return_code\":\"SUCCESS\"", fields, "}"),
        filled(ANSWER, "{\"code\":1000,\"data\":{\"order_id\":\"", |_| "x".to_owned(), "\"}}"),
        filled(ANSWER, "{\"code\":1000,\"data\":{\"order_id\":\"", |_| "\\u6d4b".to_owned(), "\"}}"),
        filled(ANSWER, "{\"result\":", |_| "[".to_owned(), ""),
        filled(ANSWER, "{\"result\":", |_| "{\"a\":".to_owned(), ""),
        filled(ANSWER, "{\"total_fee\":", |_| "9".to_owned(), "}"),
        filled(ANSWER, "", |_| "{\"a\":1}".to_owned(), ""),
    ];
    // Of the operations, each gateway's charge or query reads most of an answer.
    let answers = [
        ("reply_maxfun", 0),
        ("reply_blueocean", 2),
        ("reply_bjrcb", 2),
        ("reply_tencent", 2),
        ("reply_huishouyin", 2),
        ("reply_maxfun_tp", 2),
    ];
    for (target, op) in answers {
        for shape in &shapes {
            run(target, &[front(op, PaymentKind::Charge, 1).as_bytes(), shape].concat());
        }
    }
}

#[test]
fn the_largest_callbacks_are_read_within_bounds() {
    let shapes = [
        filled(ANSWER, "a=1", |n| format!("&{n:x}=1"), ""),
        filled(ANSWER, "a=", |_| "%E6".to_owned(), ""),
        filled(ANSWER, "", |_| "&".to_owned(), ""),
        filled(ANSWER, "{\"a\":1", |n| format!(",\"{n:x}\":1"), "}"),
        filled(ANSWER, "{\"data\":{\"order_id\":\"", |_| "x".to_owned(), "\"}}"),
        filled(ANSWER, "{\"request_content\":\"", |_| "\\\\".to_owned(), "\"}"),
        filled(ANSWER, "{\"a\":", |_| "{\"a\":".to_owned(), ""),
    ];
    for shape in &shapes {
        for gateway in 0..6 {
            for sealing in [0, 1] {
                run("notice", &[notice_front(gateway, false, 0, sealing).as_bytes(), shape].concat());
            }
        }
    }
}

#[test]
fn the_largest_texts_are_read_within_bounds() {
    for (target, _) in TARGETS.into_iter().filter(|(target, _)| !target.starts_with("reply")) {
        for letter in ["0", "a", "[", "]", "\n", "-----BEGIN CERTIFICATE-----\n", "测"] {
            run(target, &filled(TEXT, "", |_| letter.to_owned(), ""));
        }
    }
}
