//! The words of each error. What stands in braces is filled in from the error's own fields; what is written there for
//! developers (`reason`) is not, and stays in the log.

use super::{Advice, Text, Words, states::ONE_MOMENT};
use crate::error::PaywandError;

const ANOTHER_WAY: Text = Text::new("Please choose another way to pay.", "请选择其他付款方式。");
const CHECKING_ANOTHER: Text =
    Text::new("Please wait. We are checking an earlier payment.", "请稍候，正在确认之前的一笔付款。");

pub(super) fn words(error: &PaywandError) -> Words {
    use PaywandError as E;
    match error {
        E::InvalidAmount { .. } => one_moment(
            "This amount cannot be used. Nothing was sent. Correct the amount.",
            "金额不正确，未发送请求。请更正金额。",
            Advice::TryAgain,
        ),
        E::CurrencyNotAccepted { .. } => Words {
            cashier: Text::new(
                "{gateway} does not take {currency}. Nothing was sent. Use another gateway or currency.",
                "通道 {gateway} 不支持币种 {currency}，未发送请求。请更换通道或币种。",
            ),
            customer: ANOTHER_WAY,
            advice: Advice::PayAnotherWay,
        },
        E::InvalidCode { .. } => Words {
            cashier: Text::new(
                "This is no payment code. Nothing was sent. Scan again.",
                "付款码不正确，未发送请求。请重新扫码。",
            ),
            customer: Text::new("Please show your payment code once more.", "请再次出示付款码。"),
            advice: Advice::Rescan,
        },
        E::InvalidRequest { .. } => one_moment(
            "\"{field}\" is missing or cannot be used. Nothing was sent. Correct it and try again.",
            "“{field}”缺失或不正确，未发送请求。请更正后重试。",
            Advice::TryAgain,
        ),
        E::UnknownGateway { .. } => one_moment(
            "No gateway {gateway} is set up. Nothing was sent. Call support.",
            "没有配置通道 {gateway}，未发送请求。请联系技术支持。",
            Advice::CallSupport,
        ),
        E::NoRoute { .. } => Words {
            cashier: Text::new(
                "No gateway is set up for this wallet ({wallet}). Nothing was sent. Choose a gateway, or call support.",
                "没有为此钱包（{wallet}）配置通道，未发送请求。请指定通道，或联系技术支持。",
            ),
            customer: ANOTHER_WAY,
            advice: Advice::PayAnotherWay,
        },
        E::UnsupportedOperation { .. } => one_moment(
            "{gateway} cannot do this ({operation}). Nothing was sent. Use another way.",
            "通道 {gateway} 不支持此操作（{operation}），未发送请求。请改用其他方式。",
            Advice::PayAnotherWay,
        ),
        E::KeyReused { .. } => one_moment(
            "This number belongs to payment {id}, which differs. Nothing was sent. Begin anew.",
            "此编号已用于另一笔支付（{id}），未发送请求。请重新开始。",
            Advice::TryAgain,
        ),
        E::CodeInDoubt { .. } => Words {
            cashier: Text::new(
                "This code was used for payment {id}, which is undecided. Nothing was sent. Settle that one first.",
                "此付款码已用于支付 {id}，其结果未定，未发送请求。请先处理该笔支付。",
            ),
            customer: CHECKING_ANOTHER,
            advice: Advice::Wait,
        },
        E::LooksLikeRepeat { .. } => Words {
            cashier: Text::new(
                "This looks like payment {id}, which is undecided. Nothing was sent. Wait for it, or say it is another one.",
                "与结果未定的支付 {id} 疑似重复，未发送请求。请等待其结果，或确认这是另一笔。",
            ),
            customer: CHECKING_ANOTHER,
            advice: Advice::Wait,
        },
        E::GatewayUnhealthy { .. } => Words {
            cashier: Text::new(
                "The answers of {gateway} cannot be trusted now. Nothing was sent. Use another gateway; call its support.",
                "通道 {gateway} 的应答签名不符，未发送请求。请更换通道并联系收单方。",
            ),
            customer: ANOTHER_WAY,
            advice: Advice::PayAnotherWay,
        },
        E::InvalidConfig { .. } => one_moment(
            "The setting {field} cannot be used. Call support.",
            "配置项 {field} 不正确。请联系技术支持。",
            Advice::CallSupport,
        ),
        E::NoSuchPayment { .. } => one_moment(
            "This till has no payment {id}. Check the number.",
            "本机没有支付 {id}。请核对编号。",
            Advice::TryAgain,
        ),
        E::NoSuchOrder { .. } => one_moment(
            "This till has no order {order_number}. It may be another till's.",
            "本机没有订单 {order_number}，可能属于其他收银机。",
            Advice::None,
        ),
        E::NotificationRefused { .. } => one_moment(
            "A message in the name of {gateway} is not believed. Nothing was changed. Call support.",
            "以通道 {gateway} 名义发来的通知不可采信，未作任何更改。请联系技术支持。",
            Advice::CallSupport,
        ),
        E::CannotCancel { .. } => one_moment(
            "Payment {id} cannot be cancelled and stands as it did. Wait for its outcome.",
            "支付 {id} 无法取消，状态不变。请等待其结果。",
            Advice::Wait,
        ),
        E::NotInAttention { .. } => one_moment(
            "Payment {id} does not wait for a person. Its state is unchanged.",
            "支付 {id} 不需要人工处理，状态不变。",
            Advice::None,
        ),
        E::ReverseInFlight { .. } => one_moment(
            "Money of payment {id} may be going back right now. Its state is unchanged. Ask once more, or wait a few minutes, then settle.",
            "支付 {id} 可能正在撤销或退款，状态不变。请重新查询，或等候几分钟，再人工确认。",
            Advice::Wait,
        ),
        E::NotRefundable { .. } => one_moment(
            "Payment {id} cannot be refunded. Nothing was sent. Look at how it stands.",
            "支付 {id} 不能退款，未发送请求。请查看其状态。",
            Advice::None,
        ),
        E::OtherAccount { .. } => one_moment(
            "Payment {id} was taken with another merchant account. Nothing was sent. Refund it with that account.",
            "支付 {id} 是用另一个商户号收取的，未发送请求。请用原商户号退款。",
            Advice::CallSupport,
        ),
        E::RefundTooLarge { .. } => one_moment(
            "Payment {id} has only {left} left to refund. Nothing was sent. Refund less, or wait for its other refunds.",
            "支付 {id} 只剩 {left} 可退，未发送请求。请减少金额，或等待其他退款完成。",
            Advice::TryAgain,
        ),
        E::StoreInUse { .. } => one_moment(
            "Another program has this till's payments open. Close it, then open the till again.",
            "本机的支付记录已被另一程序打开。请先将其关闭，再打开收银。",
            Advice::TryAgain,
        ),
        E::StoreNewer { .. } => one_moment(
            "This till's payments were written by a newer version and are untouched. Update the app.",
            "支付记录由更新的版本写入，未作改动。请升级应用。",
            Advice::CallSupport,
        ),
        E::StoreCorrupt { .. } => one_moment(
            "This till's payments cannot be read and are untouched. Do not sell; call support.",
            "支付记录不可信，未作改动。请停止收款并联系技术支持。",
            Advice::CallSupport,
        ),
        // It comes while a payment is under way too: nothing is said of that one's money.
        E::StoreUnavailable { .. } => one_moment(
            "Payments cannot be written down, so no sale begins; what is undecided is kept. Free space or restart, else \
             call support.",
            "支付记录无法写入，不会开始新的收款；结果未定的支付已保留。请清理空间或重启，或联系技术支持。",
            Advice::CallSupport,
        ),
        E::ShutDown => one_moment(
            "The till was closed. What was begun is kept and goes on when it is opened. Do not charge again before that.",
            "收银已关闭，已开始的支付已保留，重新打开后会继续。在此之前请勿重复收款。",
            Advice::Wait,
        ),
        E::ListenerFailed { .. } => one_moment(
            "A part of this app does not work. Payments go on as they were. Call support.",
            "应用的一个部件出错，支付不受影响。请联系技术支持。",
            Advice::CallSupport,
        ),
    }
}

/// An error that the customer need not know of.
fn one_moment(en: &'static str, zh: &'static str, advice: Advice) -> Words {
    Words { cashier: Text::new(en, zh), customer: ONE_MOMENT, advice }
}

/// What the error's own fields put into its text.
pub(super) fn details(error: &PaywandError) -> Vec<(&'static str, String)> {
    use PaywandError as E;
    match error {
        E::CurrencyNotAccepted { gateway, currency } => {
            vec![("gateway", gateway.clone()), ("currency", currency.clone())]
        }
        E::UnsupportedOperation { gateway, operation } => {
            vec![("gateway", gateway.clone()), ("operation", operation.clone())]
        }
        E::RefundTooLarge { id, left } => vec![("id", id.to_string()), ("left", left.clone())],
        E::UnknownGateway { gateway } | E::GatewayUnhealthy { gateway } | E::NotificationRefused { gateway, .. } => {
            vec![("gateway", gateway.clone())]
        }
        E::InvalidRequest { field, .. } | E::InvalidConfig { field, .. } => vec![("field", field.clone())],
        E::NoRoute { wallet } => vec![("wallet", wallet.clone())],
        E::NoSuchOrder { order_number } => vec![("order_number", order_number.clone())],
        E::KeyReused { id }
        | E::CodeInDoubt { id }
        | E::LooksLikeRepeat { id }
        | E::NoSuchPayment { id }
        | E::CannotCancel { id }
        | E::NotInAttention { id }
        | E::ReverseInFlight { id }
        | E::NotRefundable { id }
        | E::OtherAccount { id } => vec![("id", id.to_string())],
        E::InvalidAmount { .. }
        | E::InvalidCode { .. }
        | E::StoreInUse { .. }
        | E::StoreNewer { .. }
        | E::StoreCorrupt { .. }
        | E::StoreUnavailable { .. }
        | E::ShutDown
        | E::ListenerFailed { .. } => Vec::new(),
    }
}

/// `text` with its braces filled. What is filled in is not looked at again, whatever it holds.
pub(super) fn filled(text: &str, details: &[(&'static str, String)]) -> String {
    let mut parts = text.split('{');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or(("", part));
        let detail = details.iter().find(|(detail, _)| *detail == name);
        whole.push_str(detail.map_or("", |(_, value)| value.as_str()));
        whole.push_str(rest);
    }
    whole
}
