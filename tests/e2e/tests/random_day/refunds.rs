//! Refunds: all of it, parts, too much, twice at once, and of what is a refund itself.

use paywand::{Payment, PaymentKind, PaywandError, RefundRequest};
use paywand_e2e::{new_key, wait_for};

use crate::{
    day::{Cashier, Outcome},
    wishes::NOTHING_THERE,
};

/// How a refund may be turned away.
const TURNED_AWAY: [&str; 4] = ["gateway_unhealthy", "not_refundable", "refund_too_large", "unsupported_operation"];

/// Another sum came in than was asked for, and a person said that it is paid: all of that can be more than a refund may ask
/// for, or another currency.
const OTHER_SUM: [&str; 2] = ["invalid_request", "currency_not_accepted"];

impl Cashier<'_> {
    pub(crate) fn refund_all(&mut self) -> Outcome {
        let Some(payment) = self.paid() else { return NOTHING_THERE };
        self.refund(&payment, None)
    }

    pub(crate) fn refund_part(&mut self) -> Outcome {
        let Some(payment) = self.paid() else { return NOTHING_THERE };
        let part = self.limit_ms(payment.amount.minor.unsigned_abs()) + 1;
        self.refund(&payment, Some(part))
    }

    /// More than came in, also where one more minor unit came in than was asked for.
    pub(crate) fn refund_too_much(&mut self) -> Outcome {
        let Some(payment) = self.paid() else { return NOTHING_THERE };
        let request = self.day.shop.till.refund_request(&payment, Some(payment.amount.minor + 2));
        let error = self.ask(&request).expect_err("more than came in is not given back");
        error.code()
    }

    /// A double tap under one key, or two cashiers who each give all of it back.
    pub(crate) fn refund_twice(&mut self) -> Outcome {
        let Some(payment) = self.paid() else { return NOTHING_THERE };
        let one = self.day.shop.till.refund_request(&payment, None);
        let double_tap = self.chance.below(2) == 0;
        let request_key = if double_tap { one.request_key.clone() } else { new_key() };
        let other = RefundRequest { request_key, ..one.clone() };
        let mut results = self.call(0, &[], |terminal| {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| wait_for(terminal.refund(other.clone())));
                let one = wait_for(terminal.refund(one.clone()));
                let results = [one, other.join().expect("no call panics")];
                // Again at the next terminal, both, under the same keys.
                let shut = results.contains(&Err(PaywandError::ShutDown));
                if shut { Err(PaywandError::ShutDown) } else { Ok(results.to_vec()) }
            })
        });
        let results = results.as_mut().expect("the terminal is opened again");
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(TURNED_AWAY.contains(&error.code()) || OTHER_SUM.contains(&error.code()), "{error}");
        }
        if let [Ok(one), Ok(other)] = &results[..] {
            assert_eq!(one.id == other.id, double_tap, "{one:#?} {other:#?}");
        }
        if double_tap {
            return self.begun(&one.request_key, results.swap_remove(0));
        }
        let outcomes = [one.request_key, other.request_key].into_iter().zip(results.drain(..));
        outcomes.map(|(key, result)| self.begun(&key, result)).next_back().expect("there are two")
    }

    pub(crate) fn refund_of_refund(&mut self) -> Outcome {
        let Some(refund) = self.any(|payment| payment.kind == PaymentKind::Refund) else { return NOTHING_THERE };
        let request = self.day.shop.till.refund_request(&refund, None);
        let refused = self.call(0, &["not_refundable"], |terminal| wait_for(terminal.refund(request.clone())));
        refused.expect_err("what was given back is not given back").code()
    }

    fn refund(&mut self, payment: &Payment, minor: Option<i64>) -> Outcome {
        let limit_ms = self.limit_ms(400);
        let request = self.day.shop.till.refund_request(payment, minor);
        let request = RefundRequest { limit_ms: Some(limit_ms), ..request };
        let refund = self.ask(&request);
        self.begun(&request.request_key, refund)
    }

    fn ask(&self, request: &RefundRequest) -> Result<Payment, PaywandError> {
        let payment = self.look(request.payment_id);
        let other_sum = payment.received.is_some_and(|received| received != payment.amount);
        let may = if other_sum { [&TURNED_AWAY[..], &OTHER_SUM].concat() } else { TURNED_AWAY.to_vec() };
        let limit_ms = request.limit_ms.unwrap_or(0);
        self.call(limit_ms, &may, |terminal| wait_for(terminal.refund(request.clone())))
    }
}
