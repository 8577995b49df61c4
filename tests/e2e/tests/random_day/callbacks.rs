//! Gateways that call: rightly, twice, forged, about nobody's order; and customers who pay late, of which a callback may be
//! all that the till can learn.

use paywand::{Acknowledgement, Payment, PaymentKind, gateway::GatewayKind};
use paywand_e2e::{SANDBOX, SIGNED_CALLBACKS, pass_on};
use paywand_sandbox::{Notice, NoticeFault, Notification, OrderState};

use crate::{
    day::{Cashier, Outcome},
    wishes::NOTHING_THERE,
};

impl Cashier<'_> {
    pub(crate) fn callback(&mut self) -> Outcome {
        let fault = self.chance.one(&[None, None, None, Some(NoticeFault::OtherAmount)]);
        let Some((payment, called)) = self.called(fault) else { return NOTHING_THERE };
        self.taken(&payment, &called);
        "taken"
    }

    pub(crate) fn callback_twice(&mut self) -> Outcome {
        let Some((payment, called)) = self.called(None) else { return NOTHING_THERE };
        self.taken(&payment, &called);
        self.taken(&payment, &called);
        "taken"
    }

    /// Without a right signature: refused where callbacks are signed, else a hint.
    pub(crate) fn callback_forged(&mut self) -> Outcome {
        let fault = self.chance.one(&[NoticeFault::BadSignature, NoticeFault::NoSignature]);
        let Some((payment, called)) = self.called(Some(fault)) else { return NOTHING_THERE };
        let told = self.call(0, &["notification_refused"], |terminal| pass_on(terminal, &payment, &called));
        assert_eq!(told.is_err(), is_signed(&payment), "{called:?}: {told:?}");
        told.map_or_else(|error| error.code(), |_| "a hint")
    }

    /// Another till's.
    pub(crate) fn callback_foreign(&mut self) -> Outcome {
        let Some((payment, called)) = self.called(Some(NoticeFault::OtherOrder)) else { return NOTHING_THERE };
        let told = self.delivered(&payment, &called);
        assert_eq!(told.payment_id, None, "{called:?}");
        "another till's"
    }

    /// The customer pays an order that waits, or that was reversed or closed, and the gateway calls.
    pub(crate) fn customer_pays(&mut self) -> Outcome {
        let Some(payment) = self.any(may_call) else { return NOTHING_THERE };
        let merchant = &self.day.shop.till.merchant.id;
        let Some(order) = SANDBOX.order(merchant, &payment.order_number) else { return NOTHING_THERE };
        if order.charges > 0 || matches!(order.state, OrderState::Paid | OrderState::Failed) {
            return "paid or failed";
        }
        SANDBOX.pay(merchant, &payment.order_number);
        if let Some(called) = self.day.shop.called_about(&payment, Notice::default()) {
            self.taken(&payment, &called);
        }
        if order.is_open() { "in time" } else { "after the end" }
    }

    /// A sale, and what its gateway posts about it.
    fn called(&mut self, fault: Option<NoticeFault>) -> Option<(Payment, Notification)> {
        let payment = self.any(may_call)?;
        let version_2 = payment.gateway == GatewayKind::BlueoceanV1.code() && self.chance.below(2) == 0;
        let called = self.day.shop.called_about(&payment, Notice { fault, version_2 })?;
        Some((payment, called))
    }

    /// A right callback is acknowledged, and known to be about the payment.
    fn taken(&self, payment: &Payment, called: &Notification) {
        let told = self.delivered(payment, called);
        assert_eq!((told.payment_id, told.signed), (Some(payment.id), is_signed(payment)), "{called:?}");
    }

    /// A gateway posts until it is acknowledged: a signer that fails lets the till refuse what it could not check.
    fn delivered(&self, payment: &Payment, called: &Notification) -> Acknowledgement {
        loop {
            let told = self.call(0, &["notification_refused"], |terminal| pass_on(terminal, payment, called));
            match told {
                Ok(told) => return told,
                Err(error) => assert!(error.to_string().contains("the remote signer failed"), "{error}: {called:?}"),
            }
        }
    }
}

/// A sale whose gateway calls.
fn may_call(payment: &Payment) -> bool {
    payment.kind != PaymentKind::Refund && payment.gateway != GatewayKind::MaxfunDevice.code()
}

fn is_signed(payment: &Payment) -> bool {
    SIGNED_CALLBACKS.iter().any(|kind| kind.code() == payment.gateway)
}
