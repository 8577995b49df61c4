//! What BJRCB calls its services: a name for each operation and wallet (S2, J2). Only `ALIPAY_MICRO` stands in the
//! bank's own page, so every name is an option; where no client is known to use one, none is the default.

use super::super::{Operation, Settings};
use crate::{error::PaywandError, payment_code::Wallet};

/// The operation, its part of the option's name, and its services at WeChat and Alipay.
const NAMES: [(Operation, &str, Option<&str>, Option<&str>); 7] = [
    (Operation::Charge, "charge", Some("WECHAT_MICRO"), Some("ALIPAY_MICRO")),
    (Operation::CreateQr, "qr", Some("WECHAT_SCANNED"), Some("ALIPAY_SCANNED")),
    (Operation::Query, "query", Some("WECHAT_ORDERQUERY"), Some("ALIPAY_ORDERQUERY")),
    (Operation::Reverse, "reverse", Some("WECHAT_REVERSEORDER"), Some("ALIPAY_REVERSEORDER")),
    (Operation::Close, "close", Some("WECHAT_CLOSEORDER"), None),
    (Operation::Refund, "refund", Some("WECHAT_REFUND"), Some("ALIPAY_REFUND")),
    (Operation::RefundQuery, "refund_query", None, None),
];

pub(super) struct Services(Vec<(Operation, Wallet, String)>);

impl Services {
    /// Takes the options `charge_service_wechat`, `charge_service_alipay` and so on.
    pub(super) fn new(settings: &mut Settings) -> Result<Self, PaywandError> {
        let mut services = Vec::new();
        for (op, part, at_wechat, at_alipay) in NAMES {
            for (wallet, text, default) in
                [(Wallet::Wechat, "wechat", at_wechat), (Wallet::Alipay, "alipay", at_alipay)]
            {
                let given = settings.option(&format!("{part}_service_{text}"), 32)?;
                services.extend(given.or_else(|| default.map(str::to_owned)).map(|name| (op, wallet, name)));
            }
        }
        Ok(Self(services))
    }

    /// The service for `op`, where there is one.
    pub(super) fn name(&self, op: Operation, wallet: Wallet) -> Option<&str> {
        self.0.iter().find(|service| (service.0, service.1) == (op, wallet)).map(|service| service.2.as_str())
    }

    /// Whether both wallets have `op`.
    pub(super) fn for_both(&self, op: Operation) -> bool {
        [Wallet::Wechat, Wallet::Alipay].into_iter().all(|wallet| self.name(op, wallet).is_some())
    }
}
