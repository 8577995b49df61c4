//! The committed inputs, varied: what libFuzzer would try first, tried always.

use std::fs;

use paywand::PaymentKind;
use paywand_readers::{account, front, notice_front, run};

use super::corpus;

const REPLIES: [&str; 6] =
    ["reply_maxfun", "reply_blueocean", "reply_bjrcb", "reply_tencent", "reply_huishouyin", "reply_maxfun_tp"];

/// `text`, read as the answer to every operation, on every kind of connection, however it is signed.
fn read_in_every_way(target: &str, text: &str) {
    for op in 0..8 {
        for sealing in 0..5 {
            // No, some or all of: an own connection, verified TLS; last about a QR order, and about the refund of a part.
            for circumstances in ["0", "1", "2", "3", "C", "S"] {
                let mut choices = front(op, PaymentKind::Charge, sealing);
                choices.replace_range(1..2, circumstances);
                run(target, format!("{choices}{text}").as_bytes());
            }
        }
    }
}

/// Every committed answer of `target`, without its choices.
fn answers(target: &str) -> impl Iterator<Item = String> {
    let inputs = corpus(target).into_iter().map(|file| fs::read(file).unwrap());
    let length = front(0, PaymentKind::Charge, 0).len();
    inputs.filter_map(move |input| String::from_utf8(input.get(length..)?.to_vec()).ok())
}

#[test]
fn every_answer_is_judged_on_every_connection_and_under_every_signature() {
    for target in REPLIES {
        answers(target).for_each(|answer| read_in_every_way(target, &answer));
    }
}

#[test]
fn an_answer_about_another_order_or_with_a_name_twice_is_judged_too() {
    for target in REPLIES {
        for answer in answers(target) {
            let mut other = account::NUMBER.to_owned();
            other.replace_range(other.len() - 1.., "3");
            for number in [other.as_str(), ""] {
                read_in_every_way(target, &answer.replace(account::NUMBER, number));
            }
            // The first name of each object again, in front, and saying nothing.
            let twice = answer.split("{\"").collect::<Vec<_>>();
            let names = twice.iter().skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
            let again: String =
                names.zip(&twice[1..]).map(|(name, rest)| format!("{{\"{name}\":null,\"{rest}")).collect();
            read_in_every_way(target, &format!("{}{again}", twice[0]));
        }
    }
}

#[test]
fn every_callback_is_judged_at_every_gateway_in_every_form() {
    for told in answers("notice") {
        let mut other = account::NUMBER.to_owned();
        other.replace_range(other.len() - 1.., "3");
        for told in [told.replace(account::NUMBER, &other), told.replace(account::NUMBER, ""), told] {
            for gateway in 0..6 {
                for (as_form, again, sealing) in (0..40).map(|n| (n % 2 == 0, n / 2 % 4, n / 8)) {
                    run("notice", format!("{}{told}", notice_front(gateway, as_form, again, sealing)).as_bytes());
                }
            }
        }
    }
}

#[test]
fn a_signature_that_was_cut_is_judged_too() {
    for target in REPLIES {
        for answer in answers(target) {
            for name in ["\"sign\":\"", "\"authen_code\":\""] {
                let Some((before, rest)) = answer.split_once(name) else { continue };
                let Some((sign, after)) = rest.split_once('"') else { continue };
                for length in 0..sign.len() {
                    let Some(cut) = sign.get(..length) else { continue };
                    run(target, format!("{}{before}{name}{cut}\"{after}", front(2, PaymentKind::Charge, 0)).as_bytes());
                }
            }
        }
    }
}

#[test]
fn every_stored_flow_takes_every_step_first() {
    for file in corpus("stored_flow") {
        let input = fs::read(file).unwrap();
        let Some(end) = input.iter().position(|&byte| byte == b'\n') else { continue };
        for step in b'A'..=b'z' {
            run("stored_flow", &[&input[..1], &[step, b'.', step], &input[end..]].concat());
        }
    }
}
