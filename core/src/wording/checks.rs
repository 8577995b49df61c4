//! The table holds: every text is there in both languages, fits its line, and says no more about money than is proved.
//!
//! What is proved where stands here once more, apart from the table, with the words that would then be a lie.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::{
    Advice, Language, Text, Words, errors,
    examples::{self, payment},
    reasons, states,
};
use crate::payment::{PaymentKind, PaymentState, Reason};

const KINDS: [PaymentKind; 3] = [PaymentKind::Charge, PaymentKind::Qr, PaymentKind::Refund];

/// What is known of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Money {
    /// Nothing yet.
    InDoubt,
    /// Proved: none moved.
    NotMoved,
    /// Proved: the customer has it, whether it had moved or not.
    WithCustomer,
    /// Proved: it came in as asked for.
    WithUs,
    /// It came in, or some of it, and not as asked for.
    CameInOtherwise,
    /// Of a refund: nothing yet.
    RefundInDoubt,
    /// Of a refund, proved: it was not given back.
    NotGivenBack,
    /// What a person says, and nothing proves.
    Word,
}

/// Phrases, English and Chinese. English ones are looked for in small letters, each sentence after a full stop.
type Phrases = (&'static [&'static str], &'static [&'static str]);

const UNPAID: Phrases = (
    &["not paid", "unpaid", "no money", "fail", "nothing was", "not charged", "was not made"],
    &["未支付", "未付款", "未扣款", "失败", "未完成", "未成功", "未发出"],
);
const PAID: Phrases = (
    &[". paid", "was paid", "thank you", "money came in"],
    &["已支付", "已付款", "付款成功", "收到款项", "收到了款项"],
);
const WITH_CUSTOMER: Phrases = (
    &["has the money", "keep your money", "refunded.", "was returned", "the money was given back"],
    &["归顾客", "归您", "已退款", "已退回", "已撤销"],
);
const NOT_GIVEN_BACK: Phrases =
    (&["fail", "nothing was", "not given back", "was not made"], &["失败", "未退回", "未完成", "未发出"]);

/// What an error never says: it is about a call, not about a payment's money.
const ABOUT_MONEY: Phrases = (
    &["not paid", "unpaid", "no money", "fail", "charged", ". paid", "was paid", "moved", "given back"],
    &["未支付", "未付款", "扣款", "失败", "已支付", "已付款", "成功", "退回"],
);

/// What holds one of these phrases and leaves it open.
const LEFT_OPEN: [&str; 2] = ["whether it was paid", "可能已付款"];

/// What a customer is not told: words of the trade, and blame.
const NOT_FOR_CUSTOMERS: Phrases = (
    &[
        "gateway",
        "signature",
        "order",
        "config",
        "clock",
        "network",
        "server",
        "reverse",
        "quer",
        "portal",
        "settle",
        "support",
        "{",
        "wrong",
        "invalid",
        "fault",
        "you did",
    ],
    &["通道", "收单", "签名", "订单", "配置", "撤销", "查询", "商户", "关单", "网络", "人工", "{", "错误", "您未"],
);

impl Money {
    fn of_state(state: PaymentState, kind: PaymentKind) -> Self {
        let is_refund = kind == PaymentKind::Refund;
        match state {
            PaymentState::SettledPaid | PaymentState::SettledNotPaid => Self::Word,
            PaymentState::Refunded => Self::WithCustomer,
            PaymentState::Failed if is_refund => Self::NotGivenBack,
            _ if is_refund => Self::RefundInDoubt,
            PaymentState::Failed => Self::NotMoved,
            PaymentState::Reversed | PaymentState::Closed => Self::WithCustomer,
            PaymentState::Paid => Self::WithUs,
            PaymentState::Refunding => Self::CameInOtherwise,
            _ => Self::InDoubt,
        }
    }

    fn of_reason(reason: Reason, kind: PaymentKind) -> Self {
        let is_refund = kind == PaymentKind::Refund;
        match reason {
            Reason::RefundFailed => Self::NotGivenBack,
            Reason::Refused | Reason::NotSent | Reason::DeviceClock | Reason::Cancelled if is_refund => {
                Self::NotGivenBack
            }
            _ if is_refund => Self::RefundInDoubt,
            Reason::Refused | Reason::NotPaid | Reason::NotSent | Reason::DeviceClock | Reason::Cancelled => {
                Self::NotMoved
            }
            Reason::AmountDiffers
            | Reason::ReturnedElsewhere
            | Reason::RefundByHand
            | Reason::RefundUnconfirmed
            | Reason::RefundChanged => Self::CameInOtherwise,
            _ => Self::InDoubt,
        }
    }

    /// What would be a lie.
    fn lies(self) -> Vec<Phrases> {
        match self {
            Self::InDoubt => vec![UNPAID, PAID, WITH_CUSTOMER],
            Self::NotMoved => vec![PAID, WITH_CUSTOMER],
            Self::WithCustomer => vec![UNPAID, PAID],
            Self::WithUs | Self::CameInOtherwise => vec![UNPAID, WITH_CUSTOMER],
            Self::RefundInDoubt => vec![WITH_CUSTOMER, NOT_GIVEN_BACK],
            Self::NotGivenBack => vec![WITH_CUSTOMER],
            Self::Word => vec![],
        }
    }

    /// What the cashier must be told.
    fn truth(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NotMoved => Some(("No money moved", "未扣款")),
            Self::WithCustomer => Some(("The customer has the money", "款项归顾客")),
            Self::NotGivenBack => Some(("othing was given back", "款项未退回")),
            Self::Word => Some(("by hand", "人工")),
            _ => None,
        }
    }
}

/// A row of the table, and what is known where it is shown.
struct Row {
    name: String,
    words: Words,
    money: Money,
    /// Failed, or whatever else has ended; a person must look; under way.
    stands: Stands,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Ended,
    Attention,
    UnderWay,
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in KINDS {
        for state in PaymentState::ALL {
            let (words, money) = (states::words(state, kind), Money::of_state(state, kind));
            let stands = match state {
                _ if words == states::REFUND_UNCLEAR => Stands::Attention,
                PaymentState::NeedsAttention => Stands::Attention,
                _ if state.is_final() => Stands::Ended,
                _ => Stands::UnderWay,
            };
            rows.push(Row { name: format!("{kind:?} {state:?}"), words, money, stands });
        }
        for reason in Reason::ALL {
            let (words, money) = (reasons::words(reason, kind), Money::of_reason(reason, kind));
            let ended = matches!(money, Money::NotMoved | Money::NotGivenBack);
            let stands = if ended { Stands::Ended } else { Stands::Attention };
            rows.push(Row { name: format!("{kind:?} {reason:?}"), words, money, stands });
        }
    }
    let (words, money) = (states::CANCEL_TOO_LATE, Money::WithUs);
    rows.push(Row { name: "cancel too late".to_owned(), words, money, stands: Stands::Attention });
    let (words, money) = (states::CONTRADICTED, Money::Word);
    rows.push(Row { name: "contradicted".to_owned(), words, money, stands: Stands::Attention });
    rows
}

/// A phrase of `list` that `text` holds, but where it is left open.
fn holds(text: Text, list: Phrases) -> Option<&'static str> {
    let plain = |text: &str| LEFT_OPEN.iter().fold(text.to_lowercase(), |text, phrase| text.replace(phrase, ""));
    let (en, zh) = (format!(". {}", plain(text.en)), plain(text.zh));
    let in_en = list.0.iter().find(|phrase| en.contains(**phrase));
    in_en.or_else(|| list.1.iter().find(|phrase| zh.contains(**phrase))).copied()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && text.ends_with('。')
}

/// Two lines of a handheld for the cashier, one large line for the customer.
fn check_text(name: &str, cashier: Text, customer: Text) {
    for (text, most_en, most_zh) in [(cashier, 160, 60), (customer, 90, 30)] {
        assert!(text.en.is_ascii() && text.en.ends_with('.') && is_chinese(text.zh), "{name}: {text:?}");
        assert!(text.en.len() <= most_en, "{name}: {} characters: {}", text.en.len(), text.en);
        assert!(text.zh.chars().count() <= most_zh, "{name}: {} characters: {}", text.zh.chars().count(), text.zh);
    }
    let technical = holds(customer, NOT_FOR_CUSTOMERS);
    assert!(technical.is_none(), "{name}: the customer is told {technical:?}: {customer:?}");
}

#[test]
fn every_state_reason_and_kind_has_four_texts_that_fit_their_lines() {
    for row in rows() {
        check_text(&row.name, row.words.cashier, row.words.customer);
    }
}

#[test]
fn no_text_says_more_about_the_money_than_is_proved() {
    for Row { name, words, money, .. } in rows() {
        for text in [words.cashier, words.customer] {
            let lie = money.lies().into_iter().find_map(|list| holds(text, list));
            assert!(lie.is_none(), "{name}, {money:?}: {lie:?} in {text:?}");
        }
        if let Some((en, zh)) = money.truth() {
            assert!(words.cashier.en.contains(en) && words.cashier.zh.contains(zh), "{name}: {:?}", words.cashier);
        }
    }
}

#[test]
fn what_only_a_person_says_is_not_told_to_the_customer_as_proved() {
    for row in rows().iter().filter(|row| row.money == Money::Word) {
        for list in [PAID, UNPAID, WITH_CUSTOMER] {
            assert_eq!(holds(row.words.customer, list), None, "{}: {:?}", row.name, row.words.customer);
        }
    }
}

#[test]
fn nothing_is_begun_anew_but_where_the_money_is_proved_to_be_with_the_customer() {
    for Row { name, words, money, stands } in rows() {
        let fits = match (stands, words.advice) {
            (Stands::UnderWay, advice) => advice == Advice::Wait,
            (Stands::Attention, advice) => matches!(advice, Advice::ByHand | Advice::CallSupport),
            (Stands::Ended, Advice::Rescan) => matches!(money, Money::NotMoved | Money::WithCustomer),
            (Stands::Ended, Advice::TryAgain) => matches!(money, Money::NotMoved | Money::NotGivenBack),
            (Stands::Ended, Advice::PayAnotherWay) => matches!(money, Money::NotMoved | Money::Word),
            (Stands::Ended, advice) => advice == Advice::None,
        };
        assert!(fits, "{name}: {:?} where {money:?}", words.advice);
    }
}

#[test]
fn whoever_is_in_doubt_is_told_where_to_look_or_what_not_to_do() {
    let en = ["may have paid", "merchant portal", "not charge again"];
    let zh = ["可能已付款", "商户后台", "不要重复收款", "勿重复收款", "勿交付商品或重复收款"];
    for row in rows().iter().filter(|row| row.money == Money::InDoubt && row.stands == Stands::Attention) {
        let text = row.words.cashier;
        assert!(en.iter().any(|phrase| text.en.contains(phrase)), "{}: {}", row.name, text.en);
        assert!(zh.iter().any(|phrase| text.zh.contains(phrase)), "{}: {}", row.name, text.zh);
    }
}

#[test]
fn every_error_has_four_texts_that_fit_and_are_filled() {
    for error in examples::errors() {
        let (words, details) = (errors::words(&error), errors::details(&error));
        for (language, text) in [(Language::En, words.cashier.en), (Language::Zh, words.cashier.zh)] {
            for (name, _) in &details {
                assert!(text.contains(&format!("{{{name}}}")), "{}: {name} is not said: {text}", error.code());
            }
            let said = error.screen_text(language);
            assert!(!said.cashier.contains(['{', '}']), "{}: {}", error.code(), said.cashier);
            assert!(details.iter().all(|(_, value)| said.cashier.contains(value)), "{}: {said:?}", error.code());
            assert_eq!((said.code.as_str(), said.advice), (error.code(), words.advice));
        }
        let leak = |language| Box::leak(error.text(language).into_boxed_str());
        check_text(error.code(), Text { en: leak(Language::En), zh: leak(Language::Zh) }, words.customer);
    }
}

#[test]
fn an_error_says_that_nothing_was_sent_exactly_where_its_own_text_does() {
    for error in examples::errors() {
        let sent = error.to_string().contains("Nothing was sent");
        let Words { cashier, customer, .. } = errors::words(&error);
        assert_eq!(cashier.en.contains("Nothing was sent"), sent, "{}: {}", error.code(), cashier.en);
        assert_eq!(cashier.zh.contains("未发送"), sent, "{}: {}", error.code(), cashier.zh);
        for text in [cashier, customer] {
            assert_eq!(holds(text, ABOUT_MONEY), None, "{}: {text:?}", error.code());
        }
    }
}

#[test]
fn what_is_filled_in_is_not_filled_again() {
    let details = [("a", "{b}".to_owned()), ("b", "}{".to_owned())];
    assert_eq!(errors::filled("{a}: {b}, {a}.", &details), "{b}: }{, {b}.");
}

#[test]
fn codes_are_unique_and_no_state_reason_or_error_is_left_out() {
    let states = PaymentState::ALL.map(PaymentState::code);
    let reasons = Reason::ALL.map(Reason::code);
    assert_eq!(names_of::<PaymentState>(), HashSet::from(states.map(str::to_owned)));
    assert_eq!(names_of::<Reason>(), HashSet::from(reasons.map(str::to_owned)));
    let errors: Vec<_> = examples::errors().iter().map(|error| error.code()).collect();
    assert_eq!(errors.len(), include_str!("../error.rs").matches("#[error(").count(), "an example of each");

    let mut seen = HashSet::from(["cancel_too_late", "contradicted"]);
    for code in states.into_iter().chain(reasons).chain(errors) {
        assert!(seen.insert(code), "{code} stands twice");
    }
}

/// Every name that serde knows of `T`: it lists them where it is given another.
fn names_of<T: DeserializeOwned + std::fmt::Debug>() -> HashSet<String> {
    let message = serde_json::from_str::<T>("\"\"").unwrap_err().to_string();
    let (_, names) = message.split_once("expected one of").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_screen_says_the_reason_where_there_is_one_and_the_state_where_there_is_none() {
    for kind in KINDS {
        let paid = payment(kind, PaymentState::Paid, None).screen_text(Language::En);
        assert_eq!((paid.code.as_str(), paid.cashier.as_str()), ("paid", states_text(PaymentState::Paid, kind)));
        let failed = payment(kind, PaymentState::Failed, Some(Reason::NotSent)).screen_text(Language::Zh);
        assert_eq!(failed.code, "not_sent");
        assert_eq!(failed.cashier, reasons::words(Reason::NotSent, kind).cashier.zh);
    }
}

fn states_text(state: PaymentState, kind: PaymentKind) -> &'static str {
    states::words(state, kind).cashier.en
}

#[test]
fn a_cancel_that_came_too_late_is_said_until_it_is_acknowledged() {
    let mut paid = payment(PaymentKind::Charge, PaymentState::Paid, None);
    paid.cancel_too_late = true;
    assert_eq!(paid.screen_text(Language::En).code, "cancel_too_late");
    paid.acknowledged = true;
    assert_eq!(paid.screen_text(Language::En).code, "paid");
}

#[test]
fn a_settlement_that_proved_wrong_is_not_shown_as_it_was_settled() {
    for state in [PaymentState::SettledPaid, PaymentState::SettledNotPaid] {
        let mut settled = payment(PaymentKind::Charge, state, None);
        assert_eq!(settled.screen_text(Language::En).code, state.code());
        settled.contradicted = true;
        assert_eq!(settled.screen_text(Language::En).code, "contradicted");
    }
    let mut given_back = payment(PaymentKind::Charge, PaymentState::Refunded, None);
    given_back.contradicted = true;
    assert_eq!(given_back.screen_text(Language::En).code, "refunded");
}
