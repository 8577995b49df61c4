//! What a cashier wants of a payment, and what he looks up.

use paywand::{PaymentFilter, PaymentState};
use paywand_e2e::wait_for;

use crate::day::{Cashier, Outcome};

/// Nothing fits yet.
pub(crate) const NOTHING_THERE: Outcome = "nothing there";

impl Cashier<'_> {
    pub(crate) fn cancel(&mut self) -> Outcome {
        let Some(payment) = self.recent(|_| true) else { return NOTHING_THERE };
        let asked = self.call(0, &["cannot_cancel"], |terminal| wait_for(terminal.cancel(payment.id)));
        asked.map_or_else(|error| error.code(), |payment| payment.state.code())
    }

    pub(crate) fn retry(&mut self) -> Outcome {
        let Some(payment) = self.recent(|_| true) else { return NOTHING_THERE };
        let asked = self.call(0, &[], |terminal| wait_for(terminal.retry(payment.id)));
        asked.map_or_else(|error| error.code(), |payment| payment.state.code())
    }

    pub(crate) fn wait(&mut self) -> Outcome {
        let Some(payment) = self.recent(|_| true) else { return NOTHING_THERE };
        let limit_ms = self.limit_ms(1_000);
        let waited = self.call(limit_ms, &[], |terminal| wait_for(terminal.wait(payment.id, limit_ms)));
        waited.map_or_else(|error| error.code(), |payment| payment.state.code())
    }

    /// One of those on the list that were paid although a cancel was asked for.
    pub(crate) fn acknowledge(&mut self) -> Outcome {
        let listed = self.call(0, &[], |terminal| terminal.in_doubt()).expect("it can be read");
        let late: Vec<_> = listed.into_iter().filter(|payment| payment.cancel_too_late).collect();
        if late.is_empty() {
            return NOTHING_THERE;
        }
        let id = self.chance.one(&late).id;
        let known = self.call(0, &[], |terminal| wait_for(terminal.acknowledge(id))).expect("it is there");
        assert!(known.acknowledged, "{known:#?}");
        "acknowledged"
    }

    /// One of those on the list that need a person, as the gateway's own books have it.
    pub(crate) fn settle(&mut self) -> Outcome {
        let listed = self.call(0, &[], |terminal| terminal.in_doubt()).expect("it can be read");
        let left: Vec<_> = listed.into_iter().filter(|payment| payment.state == PaymentState::NeedsAttention).collect();
        if left.is_empty() {
            return NOTHING_THERE;
        }
        let payment = self.chance.one(&left);
        let paid = self.day.shop.went_through(&payment);
        let settled = self.call(0, &["not_in_attention", "reverse_in_flight"], |terminal| {
            let (who, why) = ("Wong".to_owned(), "seen in the merchant's app".to_owned());
            wait_for(terminal.settle_by_hand(payment.id, paid, who, why))
        });
        settled.map_or_else(|error| error.code(), |payment| payment.state.code())
    }

    pub(crate) fn find(&mut self) -> Outcome {
        let Some(payment) = self.any(|_| true) else { return NOTHING_THERE };
        let found = self.call(0, &[], |terminal| terminal.find(payment.request_key.clone()));
        let found = found.expect("it can be read").expect("nothing is lost");
        assert_eq!((found.id, found.order_number), (payment.id, payment.order_number));
        "found"
    }

    /// Every page, newest first, and the refunds of one payment, oldest first.
    pub(crate) fn pages(&mut self) -> Outcome {
        let size = i32::try_from(self.limit_ms(150) + 50).expect("it fits");
        let mut before = None;
        loop {
            let page = self.call(0, &[], |terminal| terminal.payments(PaymentFilter::default(), before, size));
            let page = page.expect("it can be read");
            let ids: Vec<i64> = before.into_iter().chain(page.iter().map(|payment| payment.id)).collect();
            assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
            if page.is_empty() {
                break;
            }
            before = page.last().map(|payment| payment.id);
        }
        let Some(payment) = self.any(|payment| payment.refund_of.is_some()) else { return "read" };
        let original = payment.refund_of.expect("it is a refund").id;
        let refunds = self.call(0, &[], |terminal| terminal.refunds(original)).expect("it can be read");
        assert!(refunds.iter().any(|refund| refund.id == payment.id), "{refunds:#?}");
        assert!(refunds.windows(2).all(|pair| pair[0].id < pair[1].id), "{refunds:#?}");
        "read"
    }
}
