//! The cashier: begins sales, taps twice, cancels, uses a code again, settles what waits for a person.

use std::collections::HashMap;

use paywand::{
    Amount, PaymentCode, PaymentKind, PaymentState, Settlement, Texts,
    driver::{Event, NewPayment, Wish},
};

use crate::{
    aim::Aim,
    day::{Day, What},
    fault::Fault,
    judge::Verdict,
    till::Asked,
};

/// Successes in a row whose signatures fail, after which no new sale is taken (docs/architecture.md).
const MOST_UNVERIFIED: u32 = 3;

/// For five minutes none may try either, give or take what a commit takes.
const UNTRIED_MS: i64 = 4 * 60_000;

/// What a cashier may do besides selling.
const MEDDLING: [Fault; 8] = [
    Fault::Cancel,
    Fault::Cancel,
    Fault::DoubleTap,
    Fault::OtherSaleSameKey,
    Fault::CodeAgain,
    Fault::SameSaleNewKey,
    Fault::Retry,
    Fault::Settle,
];

impl Day<'_> {
    /// The sale's request. While the till is down the cashier waits.
    pub(crate) fn begin(&mut self, sale: usize) -> Verdict {
        if self.till.is_none() {
            self.plan_in(1_000, 60_000, What::Begin(sale));
            return Ok(());
        }
        let amount = self.sales[sale].amount;
        self.request(sale, amount, Asked::Sale(sale))
    }

    pub(crate) fn request(&mut self, sale: usize, amount: Amount, asked: Asked) -> Verdict {
        let Ok(refund_of) = self.original_of(sale) else { return Ok(()) };
        let (now_ms, wanted) = (self.now_ms, &self.sales[sale]);
        let Some(till) = &mut self.till else { return Ok(()) };
        // A gateway that is not configured refuses before the driver hears of it.
        let Some(port) = till.port(wanted.gateway_kind()) else { return Ok(()) };
        let of_code = wanted.code.as_deref().map(PaymentCode::wallet);
        let of_qr = || till.ports[port].gateway.qr_wallet().filter(|_| wanted.kind == PaymentKind::Qr);
        let wallet = refund_of.as_ref().map_or_else(|| of_code.or_else(of_qr), |(_, wallet)| *wallet);
        let new = NewPayment {
            request_key: wanted.key.clone(),
            port,
            kind: wanted.kind,
            amount,
            refund_of: refund_of.map(|(original, _)| original),
            wallet,
            code: wanted.code.clone(),
            texts: Texts { subject: "tea".to_owned(), ..Texts::default() },
            metadata: HashMap::new(),
            business_day: "2026-01-01".to_owned(),
            another_sale: wanted.another_sale,
        };
        let ticket = till.ticket(now_ms, asked);
        let (unverified, at_ms) = till.unverified[port];
        let unhealthy = unverified >= MOST_UNVERIFIED && now_ms < at_ms + UNTRIED_MS;
        (self.sales[sale].refused, self.sales[sale].asked_of_unhealthy) = (false, unhealthy);
        self.say(|_| format!("sale {sale}: asked for, {amount}"));
        self.handle(Event::Begin { ticket, new: Box::new(new) })
    }

    fn wish(&mut self, sale: usize, wish: Wish) -> Verdict {
        let Some(id) = self.sales[sale].id else { return Ok(()) };
        let now_ms = self.now_ms;
        let Some(till) = &mut self.till else { return Ok(()) };
        let ticket = till.ticket(now_ms, Asked::Wish(sale));
        self.say(|_| format!("sale {sale}: the cashier wants {wish:?}"));
        self.handle(Event::Wished { ticket, id, wish })
    }

    /// Something besides the sale itself. While the till is down the cashier waits, and leaves it when all is well again.
    pub(crate) fn meddle(&mut self, sale: usize) -> Verdict {
        if self.healed() {
            return Ok(());
        }
        if self.till.is_none() {
            self.plan_in(1_000, 60_000, What::Meddle(sale));
            return Ok(());
        }
        let what = *self.rng.pick(&MEDDLING);
        let state = self.state_of(sale);
        // Whoever finds a payment that waits for a person, sometimes settles it.
        let what = match state {
            PaymentState::NeedsAttention if self.rng.chance(600) => Fault::Settle,
            PaymentState::Paid if self.rng.chance(500) => Fault::Acknowledge,
            _ => self.weather.aim.and_then(Aim::cashier).unwrap_or(what),
        };
        if self.is_to_settle_later(sale) {
            self.plan_in(10_000, 200_000, What::Meddle(sale));
            return Ok(());
        }
        self.cover_state(what, sale);
        if self.rng.chance(500) {
            self.plan_in(500, 400_000, What::Meddle(sale));
        }
        match what {
            Fault::Cancel => {
                self.sales[sale].cancel_asked = true;
                self.wish(sale, Wish::Cancel)
            }
            Fault::Retry => self.wish(sale, Wish::Retry),
            Fault::Acknowledge => self.wish(sale, Wish::Acknowledge),
            Fault::Settle => self.settle(sale),
            Fault::DoubleTap => self.begin(sale),
            // A key that names no payment yet is free.
            Fault::OtherSaleSameKey if self.sales[sale].id.is_none() => Ok(()),
            Fault::OtherSaleSameKey if self.sales[sale].refund_of.is_some() && self.rng.chance(500) => {
                self.refund_another(sale)
            }
            Fault::OtherSaleSameKey => {
                let amount = Amount::new(self.sales[sale].amount.minor + 1, self.sales[sale].amount.currency);
                self.request(sale, amount, Asked::OtherSale(sale))
            }
            Fault::CodeAgain => {
                let code = self.sales[sale].code_text.clone();
                self.sell_again(sale, Some(code).filter(|code| !code.is_empty()), true)
            }
            _ => self.sell_again(sale, None, false),
        }
    }

    /// On a day that is about settlements: whether nothing is to be settled yet.
    fn is_to_settle_later(&self, sale: usize) -> bool {
        let Some(from_ms) = self.weather.aim.and_then(Aim::settles_from_ms) else { return false };
        let undecided = self.row_of(sale).is_none_or(|payment| !payment.is_final);
        undecided && (self.now_ms < from_ms || self.state_of(sale) != PaymentState::NeedsAttention)
    }

    fn settle(&mut self, sale: usize) -> Verdict {
        let order_paid = match self.sales[sale].kind {
            PaymentKind::Refund => !self.payouts(sale).is_empty(),
            _ => self.order(sale).is_some_and(|order| order.held_minor() > 0),
        };
        // Most people look at the customer's phone; some guess.
        let paid = if self.rng.chance(800) { order_paid } else { self.rng.chance(500) };
        self.sales[sale].settle_asked = true;
        self.wish(sale, Wish::Settle(Settlement { paid, who: "Li".to_owned(), why: "seen on the phone".to_owned() }))
    }

    /// A sale like this one under a new key; with the same code, or one that only looks the same.
    fn sell_again(&mut self, sale: usize, code: Option<String>, another_sale: bool) -> Verdict {
        let number = self.sales.len();
        let mut twin = self.sales[sale].twin(&mut self.rng, number, self.seed);
        if let Some(code) = code {
            twin.set_code(&code);
        }
        twin.another_sale = another_sale || twin.another_sale;
        self.sales.push(twin);
        self.begin(number)
    }
}
