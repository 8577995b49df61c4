//! Callbacks as the merchant's server gets them from the sandbox's gateways, and passes them on.

use paywand::{Acknowledgement, Payment, PaywandError, Terminal, gateway::GatewayKind};
use paywand_sandbox::{Notice, Notification};

use crate::{SANDBOX, shop::Shop, wait_for};

/// Gateways whose callbacks are signed. huishouyin's are not, and maxfun's device API has none.
pub const SIGNED_CALLBACKS: [GatewayKind; 4] =
    [GatewayKind::BlueoceanV1, GatewayKind::Bjrcb, GatewayKind::TencentCpay, GatewayKind::MaxfunTp];

impl Shop {
    /// What the gateway of a payment would post about it now; none where it has nothing to say.
    pub fn called_about(&self, payment: &Payment, notice: Notice) -> Option<Notification> {
        SANDBOX.try_notification(&self.till.merchant.id, &payment.order_number, notice).ok()
    }
}

/// Passes on what the gateway of a payment posted.
pub fn pass_on(terminal: &Terminal, payment: &Payment, called: &Notification) -> Result<Acknowledgement, PaywandError> {
    let headers = called.headers.clone().into_iter().collect();
    wait_for(terminal.notification(payment.gateway.clone(), headers, called.body.clone().into_bytes()))
}
