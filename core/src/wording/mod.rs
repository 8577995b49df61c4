//! What a screen says, in English and Chinese, to the cashier and to the customer, and what is to be done.
//!
//! One table: [`states`], [`reasons`], [`errors`]; [`steps`] has the journal's. Codes choose the words; the words may change. None of them says more
//! about money than is proved, and a refund has its own wherever a payment's would be false.

#[cfg(test)]
mod checks;
mod errors;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod failures;
mod reasons;
mod states;
mod steps;

use serde::{Deserialize, Serialize};

use crate::{
    error::PaywandError,
    payment::{Payment, PaymentKind, PaymentState, Reason},
};

/// A language that the library ships words in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Chinese, simplified: 简体中文.
    Zh,
}

/// What the cashier should do next. The text says it in words; this is for a screen's buttons and colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Nothing: it has ended, or is as it should be.
    None,
    /// Wait: the till goes on by itself. Charge nothing, and give nothing back, a second time.
    Wait,
    /// Scan a new code, or show a new QR: it is proved that this payment's money is with the customer.
    Rescan,
    /// Do the same again, once what the text names is put right: an amount, the network, the clock. Nothing moved.
    TryAgain,
    /// Another wallet, another gateway or cash; of a refund: give it back by other means. The same again will not help.
    PayAnotherWay,
    /// A person must act: look at the customer's phone or the merchant portal, do what the text says, then settle by hand.
    ByHand,
    /// Call whoever looks after this till, or the gateway's support: no cashier can put this right.
    CallSupport,
}

/// What a till shows of a payment or an error.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ScreenText {
    /// The stable code that chose the words: the reason's where there is one, else the state's; `cancel_too_late` or
    /// `contradicted` where that matters more; the error's.
    pub code: String,
    /// For the cashier: what happened, what it means for the money, what to do.
    pub cashier: String,
    /// For the customer, when the cashier turns the screen: short, without a technical word, never empty.
    pub customer: String,
    /// What the cashier should do next.
    pub advice: Advice,
}

/// One text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Text {
    en: &'static str,
    zh: &'static str,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Words {
    cashier: Text,
    customer: Text,
    advice: Advice,
}

impl Text {
    const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }

    fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

impl Words {
    fn on_screen(self, code: &str, language: Language) -> ScreenText {
        ScreenText {
            code: code.to_owned(),
            cashier: self.cashier.in_language(language).to_owned(),
            customer: self.customer.in_language(language).to_owned(),
            advice: self.advice,
        }
    }
}

impl PaymentState {
    /// What the cashier reads of a charge: what is so, and what to do. [`Payment::screen_text`] knows more.
    pub fn text(self, language: Language) -> &'static str {
        states::words(self, PaymentKind::Charge).cashier.in_language(language)
    }
}

impl Reason {
    /// What the cashier reads of a charge or QR: what happened, what it means for the money, what to do.
    /// [`Payment::screen_text`] has the words of a refund too.
    pub fn text(self, language: Language) -> &'static str {
        reasons::words(self, PaymentKind::Charge).cashier.in_language(language)
    }
}

impl Payment {
    /// What a till shows of it, as it stands.
    pub fn screen_text(&self, language: Language) -> ScreenText {
        let (code, words) = self.words();
        words.on_screen(code, language)
    }

    fn words(&self) -> (&'static str, Words) {
        let settled = matches!(self.state, PaymentState::SettledPaid | PaymentState::SettledNotPaid);
        if self.cancel_too_late && !self.acknowledged {
            return ("cancel_too_late", states::CANCEL_TOO_LATE);
        }
        // Any other end that was contradicted has been left: its money goes back.
        if self.contradicted && settled {
            return ("contradicted", states::CONTRADICTED);
        }
        match self.reason {
            Some(reason) => (reason.code(), reasons::words(reason, self.kind)),
            None => (self.state.code(), states::words(self.state, self.kind)),
        }
    }
}

impl PaywandError {
    /// What the cashier reads: what happened, what it means for the money, what to do.
    pub fn text(&self, language: Language) -> String {
        self.screen_text(language).cashier
    }

    /// What a till shows of it. [`Display`](std::fmt::Display) is for the log: English, with the details.
    pub fn screen_text(&self, language: Language) -> ScreenText {
        let text = errors::words(self).on_screen(self.code(), language);
        ScreenText { cashier: errors::filled(&text.cashier, &errors::details(self)), ..text }
    }
}
