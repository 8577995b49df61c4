//! What a screen can say of a state, a reason or an error, in English and Chinese. Codes choose the words; the words
//! may change.

use serde::{Deserialize, Serialize};

use crate::{
    error::PaywandError,
    payment::{PaymentState, Reason},
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

impl Language {
    fn of(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

impl PaymentState {
    /// What the cashier reads: what is so, and what to do.
    pub fn text(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            Self::Created => ("Preparing.", "准备中。"),
            Self::Charging => ("Charging. Ask the customer to confirm on the phone.", "扣款中，请顾客在手机上确认。"),
            Self::ShowingQr => ("Show the QR to the customer.", "请顾客扫描二维码。"),
            Self::Querying => ("Asking whether it was paid. Do not charge again.", "正在查询支付结果，请勿重复收款。"),
            Self::CancelWaiting => ("Cancelling. Do not charge again yet.", "正在取消，请先不要重复收款。"),
            Self::Reversing => ("Reversing. Do not charge again yet.", "正在撤销，请先不要重复收款。"),
            Self::Confirming => ("Checking that it was undone.", "正在确认撤销结果。"),
            Self::Refunding => ("Giving the money back.", "正在退款。"),
            Self::Closing => ("Closing the QR order.", "正在关闭二维码订单。"),
            Self::NeedsAttention => ("Please look into this payment.", "此笔支付需要人工处理。"),
            Self::Paid => ("Paid.", "已支付。"),
            Self::Failed => ("Not paid. No money moved.", "未支付，未扣款。"),
            Self::Reversed => ("Reversed. The customer has the money.", "已撤销，款项归顾客。"),
            Self::Closed => ("Closed, unpaid.", "已关闭，未支付。"),
            Self::Refunded => ("Refunded. The customer has the money.", "已退款，款项归顾客。"),
            Self::SettledPaid => ("Settled by hand as paid.", "已人工确认：已支付。"),
            Self::SettledNotPaid => ("Settled by hand as not paid.", "已人工确认：未支付。"),
        };
        language.of(en, zh)
    }
}

impl Reason {
    /// What the cashier reads: what happened, what it means for the money, what to do.
    pub fn text(self, language: Language) -> &'static str {
        let (en, zh) = match self {
            Self::Refused => (
                "The gateway turned the request away. No money moved. Try again or pay another way.",
                "收单方拒绝了请求，未扣款。请重试或更换支付方式。",
            ),
            Self::NotPaid => (
                "The customer's payment failed. No money moved. Scan a new code or pay another way.",
                "顾客支付失败，未扣款。请重新扫码或更换支付方式。",
            ),
            Self::NotSent => (
                "No connection: nothing was sent, no money moved. Check the network and try again.",
                "网络不通，请求未发出，未扣款。请检查网络后重试。",
            ),
            Self::DeviceClock => (
                "This device's clock is wrong: nothing was sent, no money moved. Set date and time.",
                "设备时间不正确，请求未发出，未扣款。请校准日期和时间。",
            ),
            Self::Cancelled => ("Cancelled before anything was sent. No money moved.", "已在发送前取消，未扣款。"),
            Self::RefundFailed => (
                "The refund failed: nothing was given back. Try again, or give it back by other means.",
                "退款失败，款项未退回。请重新退款，或以其他方式退还。",
            ),
            Self::RefundUnconfirmed => (
                "The refund was sent, and this gateway cannot be asked for it. Look at the merchant portal, then settle by hand.",
                "退款请求已发送，但该通道无法查询退款结果。请核对商户后台，然后人工确认。",
            ),
            Self::RefundChanged => (
                "The wallet cannot pay the refund out. Pay the customer by other means, then settle by hand.",
                "钱包无法完成退款。请以其他方式退还顾客，然后人工确认。",
            ),
            Self::CannotAsk => (
                "The answer was lost and this gateway cannot be asked. The customer may have paid: look at the customer's \
                 phone or the merchant portal, then settle by hand.",
                "应答丢失且该通道无法查询，顾客可能已付款。请核对顾客手机或商户后台，然后人工确认。",
            ),
            Self::CannotReverse => (
                "Undecided, and this gateway cannot reverse. Look at the merchant portal, then settle by hand.",
                "结果未定且该通道不支持撤销。请核对商户后台，然后人工确认。",
            ),
            Self::CannotClose => (
                "Undecided, and this gateway cannot close. Look at the merchant portal, then settle by hand.",
                "结果未定且该通道不支持关单。请核对商户后台，然后人工确认。",
            ),
            Self::AmountDiffers => (
                "Money came in, but another amount than asked for. Look at the merchant portal, then settle by hand.",
                "已收到款项，但金额不符。请核对商户后台，然后人工确认。",
            ),
            Self::SignatureFails => (
                "The gateway says paid, but its signature is wrong. Do not hand over goods; call its support.",
                "收单方返回已支付，但签名校验失败。请勿交付商品，并联系收单方。",
            ),
            Self::NumberTaken => (
                "The gateway knows this order number from before. Nothing is undone by itself; look at the merchant portal.",
                "订单号已被占用，系统不会自动撤销。请核对商户后台。",
            ),
            Self::ReturnedElsewhere => (
                "It was paid, and money was returned outside this till. Look at the merchant portal, then settle by hand.",
                "已支付，但款项已在别处退回。请核对商户后台，然后人工确认。",
            ),
            Self::RefundByHand => (
                "Money came in after the payment had been undone. Refund it in the merchant portal, then settle by hand.",
                "撤销后仍收到款项。请在商户后台退款，然后人工确认。",
            ),
            Self::Unresolved => (
                "Still undecided. The till goes on asking. Look at the merchant portal if the customer cannot wait.",
                "长时间未有结果，系统会继续查询。如顾客不能等待，请核对商户后台。",
            ),
            Self::NeverSeen => (
                "The gateway never saw this order. Most likely no money moved; look at the merchant portal, then settle.",
                "收单方始终没有此订单，很可能未扣款。请核对商户后台，然后人工确认。",
            ),
            Self::AccountChanged => (
                "The gateway's account was changed since. Nothing is sent for this payment until the old one is back.",
                "收款账户已更换，恢复原账户前不会再为此笔支付发送请求。",
            ),
            Self::GatewayMissing => (
                "The gateway is no longer configured. Nothing is sent for this payment until it is back.",
                "该通道已不在配置中，恢复配置前不会再为此笔支付发送请求。",
            ),
            Self::StoredStateUnknown => (
                "The stored state cannot be read by this version. Update the app, or settle by hand.",
                "此版本无法读取已存状态。请升级应用，或人工确认。",
            ),
        };
        language.of(en, zh)
    }
}

impl PaywandError {
    /// What the cashier reads: what happened, what it means for the money, what to do.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::En => self.to_string(),
            Language::Zh => self.chinese(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::InvalidAmount { .. } => "金额不正确，未发送请求。请更正金额。".to_owned(),
            Self::CurrencyNotAccepted { gateway, currency } => {
                format!("通道 {gateway} 不支持币种 {currency}，未发送请求。请更换通道或币种。")
            }
            Self::InvalidCode { .. } => "付款码不正确，未发送请求。请重新扫码。".to_owned(),
            Self::InvalidRequest { field, .. } => format!("请求字段 {field} 不正确，未发送请求。请更正后重试。"),
            Self::UnknownGateway { gateway } => format!("没有配置通道 {gateway}，未发送请求。请检查通道编号。"),
            Self::UnsupportedOperation { gateway, .. } => format!("通道 {gateway} 不支持此操作，未发送请求。"),
            Self::KeyReused { id } => {
                format!("此请求键已用于另一笔支付（{id}），未发送请求。新的收款请使用新的请求键。")
            }
            Self::CodeInDoubt { id } => {
                format!("此付款码已用于支付 {id}，其结果未定，未发送请求。请先处理该笔支付。")
            }
            Self::LooksLikeRepeat { id } => {
                format!("与结果未定的支付 {id} 疑似重复，未发送请求。请等待其结果，或确认这是另一笔收款。")
            }
            Self::GatewayUnhealthy { gateway } => {
                format!("通道 {gateway} 的应答签名校验失败，未发送请求。请更换通道并联系收单方。")
            }
            Self::InvalidConfig { field, .. } => format!("配置项 {field} 不正确，未打开终端。请更正配置。"),
            Self::NoSuchPayment { .. } | Self::NoSuchRequestKey { .. } => "本机没有这笔支付。".to_owned(),
            Self::CannotCancel { id } => {
                format!("支付 {id} 无法取消，状态不变。请在得知结果后人工确认。")
            }
            Self::NotInAttention { id } => format!("支付 {id} 不需要人工处理，状态不变。"),
            Self::NoRoute { wallet } => {
                format!("没有指定通道，也没有为钱包 {wallet} 配置通道，什么都没有发送。请指定通道或设置默认通道。")
            }
            Self::NoSuchOrder { order_number } => {
                format!("本机没有订单号为 {order_number} 的支付，可能属于其他收银机。")
            }
            Self::NotificationRefused { gateway, reason } => {
                format!("通道 {gateway} 的通知被拒绝：{reason}。未作任何更改，请勿应答。")
            }
            Self::NotRefundable { id } => format!("支付 {id} 不能退款，什么都没有发送。请查看其状态。"),
            Self::RefundTooLarge { id, left } => {
                format!("支付 {id} 只剩 {left} 可退，什么都没有发送。请减少金额，或等待其他退款完成。")
            }
            Self::ReverseInFlight { id } => {
                format!("支付 {id} 的撤销可能正在进行，状态不变。请先重新查询，再人工确认。")
            }
            Self::StoreInUse { .. } => "数据库已被另一个终端打开，未打开。请先关闭另一个终端。".to_owned(),
            Self::StoreNewer { .. } => "数据库由更新的版本写入，未作改动。请升级应用。".to_owned(),
            Self::StoreCorrupt { .. } => "数据库不可信，未作改动。请恢复备份，或另建新库（旧库会保留）。".to_owned(),
            Self::StoreUnavailable { .. } => {
                "数据库无法写入，不会开始新的收款；结果未定的支付已保留。请清理空间或重启应用。".to_owned()
            }
            Self::ShutDown => "终端已关闭，已开始的支付已保留。请重新打开，原支付会继续处理。".to_owned(),
            Self::ListenerFailed { .. } => "应用的监听器出错，支付不受影响。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_words_in_both_languages() {
        for state in PaymentState::ALL {
            assert!(state.text(Language::En).is_ascii() && !state.text(Language::Zh).is_ascii(), "{state:?}");
        }
    }

    #[test]
    fn only_what_is_proved_is_called_unpaid() {
        for state in PaymentState::ALL {
            let says_unpaid =
                state.text(Language::Zh).contains("未扣款") || state.text(Language::En).contains("No money");
            assert!(!says_unpaid || state == PaymentState::Failed, "{state:?}");
        }
    }
}
