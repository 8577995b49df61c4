//! The words of each reason why a payment or refund failed, or why a person must look. A refund's own stand below.

use super::{
    Advice, Text, Words,
    states::{ASK_ABOUT_REFUND, CHECKING, CHECKING_REFUND, NOT_TAKEN, REFUND_UNCLEAR},
};
use crate::payment::{PaymentKind, Reason};

const REFUND_FAILED: Words = Words {
    cashier: Text::new(
        "The refund failed: nothing was given back. Try again, or give it back by other means.",
        "退款失败，款项未退回。请重新退款，或以其他方式退还。",
    ),
    customer: ASK_ABOUT_REFUND,
    advice: Advice::TryAgain,
};

const REFUND_CHANGED: Words = Words {
    cashier: Text::new(
        "The wallet cannot pay the refund out. Pay the customer by other means, then settle by hand.",
        "钱包无法完成退款。请以其他方式退还顾客，然后人工确认。",
    ),
    customer: Text::new("Please let the cashier return your money.", "请由收银员退还款项。"),
    advice: Advice::ByHand,
};

pub(super) fn words(reason: Reason, kind: PaymentKind) -> Words {
    match kind {
        PaymentKind::Charge | PaymentKind::Qr => of_payment(reason),
        PaymentKind::Refund => of_refund(reason),
    }
}

fn of_payment(reason: Reason) -> Words {
    match reason {
        Reason::Refused => Words {
            cashier: Text::new(
                "The gateway turned the request away. No money moved. Pay another way.",
                "收单方拒绝了请求，未扣款。请更换支付方式。",
            ),
            customer: NOT_TAKEN,
            advice: Advice::PayAnotherWay,
        },
        Reason::NotPaid => Words {
            cashier: Text::new(
                "The customer's payment did not succeed. No money moved. Scan a new code or pay another way.",
                "顾客付款未成功，未扣款。请重新扫码或更换支付方式。",
            ),
            customer: NOT_TAKEN,
            advice: Advice::Rescan,
        },
        // Also where the device died before it could send.
        Reason::NotSent => Words {
            cashier: Text::new(
                "Nothing was sent. No money moved. Check the network, then scan again.",
                "请求未发出，未扣款。请检查网络，然后重新扫码。",
            ),
            customer: NOT_TAKEN,
            advice: Advice::Rescan,
        },
        Reason::DeviceClock => Words {
            cashier: Text::new(
                "This device's clock is wrong. Nothing was sent. No money moved. Set date and time, then try again.",
                "设备时间不正确，请求未发出，未扣款。请校准日期和时间后重试。",
            ),
            customer: NOT_TAKEN,
            advice: Advice::TryAgain,
        },
        Reason::Cancelled => Words {
            cashier: Text::new("Cancelled before anything was sent. No money moved.", "已在发送前取消，未扣款。"),
            customer: Text::new("The payment was cancelled. Nothing was taken.", "付款已取消，未扣款。"),
            advice: Advice::None,
        },
        // No payment fails so: its own refund that fails is given back by hand.
        Reason::RefundFailed => REFUND_FAILED,
        Reason::RefundUnconfirmed => Words {
            cashier: Text::new(
                "Money came in late and its refund was sent, but this gateway cannot be asked for it. Look at the \
                 merchant portal, then settle by hand.",
                "款项迟到，已请求退款，但该通道无法查询退款结果。请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING_REFUND,
            advice: Advice::ByHand,
        },
        Reason::RefundChanged => REFUND_CHANGED,
        Reason::CannotAsk => Words {
            cashier: Text::new(
                "No clear answer, and this gateway cannot be asked. The customer may have paid: look at the phone or the \
                 merchant portal, then settle by hand.",
                "应答不明且该通道无法查询，顾客可能已付款。请核对顾客手机或商户后台，然后人工确认。",
            ),
            customer: Text::new(
                "Please show the cashier this payment on your phone.",
                "请向收银员出示手机上的付款结果。",
            ),
            advice: Advice::ByHand,
        },
        Reason::CannotReverse => Words {
            cashier: Text::new(
                "Undecided, and this gateway cannot reverse. The customer may have paid: look at the merchant portal, \
                 then settle by hand.",
                "结果未定且该通道不支持撤销，顾客可能已付款。请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::CannotClose => Words {
            cashier: Text::new(
                "Undecided, and this gateway cannot close. The customer may have paid: look at the merchant portal, then \
                 settle by hand.",
                "结果未定且该通道不支持关单，顾客可能已付款。请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::AmountDiffers => Words {
            cashier: Text::new(
                "Money came in, but another amount than asked for. Look at the merchant portal, then settle by hand.",
                "已收到款项，但金额不符。请核对商户后台，然后人工确认。",
            ),
            customer: Text::new("Please wait. The cashier is checking the amount.", "请稍候，收银员正在核对金额。"),
            advice: Advice::ByHand,
        },
        Reason::SignatureFails => Words {
            cashier: Text::new(
                "The gateway's answer cannot be trusted: its signature is wrong. Do not hand over goods, do not charge \
                 again; call its support.",
                "收单方应答的签名不符，不可采信。请勿交付商品或重复收款，并联系收单方。",
            ),
            customer: CHECKING,
            advice: Advice::CallSupport,
        },
        Reason::NumberTaken => Words {
            cashier: Text::new(
                "The gateway knows this order number from before. Nothing is undone by itself. Look at the merchant \
                 portal, then settle by hand.",
                "订单号已被占用，系统不会自动撤销。请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::ReturnedElsewhere => Words {
            cashier: Text::new(
                "It was paid, and money went back outside this till. Look at the merchant portal, then settle by hand.",
                "已支付，但款项已在别处退回。请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::RefundByHand => Words {
            cashier: Text::new(
                "Money came in for a payment that had been given up. See in the merchant portal what went back, refund the \
                 rest there, then settle by hand.",
                "已放弃的支付收到了款项。请在商户后台核对已退金额，退还其余款项，然后人工确认。",
            ),
            customer: Text::new(
                "Your payment is to be returned. Please ask the cashier.",
                "此笔付款将退还，请咨询收银员。",
            ),
            advice: Advice::ByHand,
        },
        Reason::Unresolved => Words {
            cashier: Text::new(
                "Undecided for long; the till goes on asking. The customer may have paid: if nobody can wait, look at \
                 the merchant portal, then settle by hand.",
                "长时间未有结果，系统会继续查询，顾客可能已付款。如不能等待，请核对商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::NeverSeen => Words {
            cashier: Text::new(
                "The gateway does not know this order, which proves nothing. Look at the phone or the merchant portal, \
                 then settle by hand.",
                "收单方查无此订单，但不能据此判断。请核对顾客手机或商户后台，然后人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        Reason::AccountChanged => Words {
            cashier: Text::new(
                "The gateway's account was changed. The customer may have paid; the till cannot ask until the old account \
                 is back. Call support.",
                "收款账户已更换，顾客可能已付款。恢复原账户前无法查询，请联系技术支持。",
            ),
            customer: CHECKING,
            advice: Advice::CallSupport,
        },
        Reason::GatewayMissing => Words {
            cashier: Text::new(
                "The gateway is no longer set up. The customer may have paid; the till cannot ask until it is back. Call \
                 support.",
                "该通道已不在配置中，顾客可能已付款。恢复配置前无法查询，请联系技术支持。",
            ),
            customer: CHECKING,
            advice: Advice::CallSupport,
        },
        Reason::StoredStateUnknown => Words {
            cashier: Text::new(
                "This version cannot read how the payment stands; the customer may have paid. Update the app, or settle \
                 by hand.",
                "此版本无法读取该笔支付的状态，顾客可能已付款。请升级应用，或人工确认。",
            ),
            customer: CHECKING,
            advice: Advice::CallSupport,
        },
    }
}

fn of_refund(reason: Reason) -> Words {
    match reason {
        Reason::Refused => Words {
            cashier: Text::new(
                "The gateway turned the refund away: nothing was given back. Try again, or give it back by other means.",
                "收单方拒绝退款，款项未退回。请重新退款，或以其他方式退还。",
            ),
            ..REFUND_FAILED
        },
        Reason::NotSent => Words {
            cashier: Text::new(
                "Nothing was sent: nothing was given back. Check the network, then refund again.",
                "退款请求未发出，款项未退回。请检查网络，然后重新退款。",
            ),
            ..REFUND_FAILED
        },
        Reason::DeviceClock => Words {
            cashier: Text::new(
                "This device's clock is wrong. Nothing was sent: nothing was given back. Set date and time, then refund \
                 again.",
                "设备时间不正确，退款请求未发出，款项未退回。请校准日期和时间后重新退款。",
            ),
            ..REFUND_FAILED
        },
        Reason::Cancelled => Words {
            cashier: Text::new(
                "Cancelled before anything was sent: nothing was given back.",
                "已在发送前取消，款项未退回。",
            ),
            customer: ASK_ABOUT_REFUND,
            advice: Advice::None,
        },
        Reason::RefundFailed => REFUND_FAILED,
        Reason::RefundUnconfirmed => Words {
            cashier: Text::new(
                "The refund was sent, but this gateway cannot be asked for it. Look at the merchant portal, then settle \
                 by hand.",
                "退款请求已发送，但该通道无法查询退款结果。请核对商户后台，然后人工确认。",
            ),
            ..REFUND_UNCLEAR
        },
        Reason::RefundChanged => REFUND_CHANGED,
        Reason::AmountDiffers => Words {
            cashier: Text::new(
                "The gateway names another amount than this refund's. Look at the merchant portal, then settle by hand.",
                "收单方的退款金额与请求不符。请核对商户后台，然后人工确认。",
            ),
            ..REFUND_UNCLEAR
        },
        // It may have left before the gateway's refunds were taken from the configuration.
        Reason::RefundByHand => Words {
            cashier: Text::new(
                "The till cannot go on with this refund. Look at the merchant portal: if it is not there, refund it \
                 there; then settle by hand.",
                "系统无法继续此笔退款。请核对商户后台，如无此退款则在后台退款，然后人工确认。",
            ),
            ..REFUND_UNCLEAR
        },
        Reason::Unresolved => Words {
            cashier: Text::new(
                "The refund is undecided for long; the till goes on asking. Do not refund again before you have looked \
                 at the merchant portal.",
                "退款长时间未有结果，系统会继续查询。核对商户后台之前请勿重复退款。",
            ),
            ..REFUND_UNCLEAR
        },
        Reason::AccountChanged => Words {
            cashier: Text::new(
                "The gateway's account was changed. The refund may have been made; the till cannot ask until the old \
                 account is back. Call support.",
                "收款账户已更换，此笔退款结果不明。恢复原账户前无法查询，请联系技术支持。",
            ),
            customer: CHECKING_REFUND,
            advice: Advice::CallSupport,
        },
        Reason::GatewayMissing => Words {
            cashier: Text::new(
                "The gateway is no longer set up. The refund may have been made; the till cannot ask until it is back. \
                 Call support.",
                "该通道已不在配置中，此笔退款结果不明。恢复配置前无法查询，请联系技术支持。",
            ),
            customer: CHECKING_REFUND,
            advice: Advice::CallSupport,
        },
        Reason::StoredStateUnknown => Words {
            cashier: Text::new(
                "This version cannot read how the refund stands; it may have been made. Update the app, or settle by hand.",
                "此版本无法读取该笔退款的状态，结果不明。请升级应用，或人工确认。",
            ),
            customer: CHECKING_REFUND,
            advice: Advice::CallSupport,
        },
        Reason::NeverSeen => Words {
            cashier: Text::new(
                "The device stopped while this refund was asked for, and the gateway does not know it. Retry sends it; or \
                 give it back by other means, then settle by hand.",
                "请求退款时设备中断，收单方没有此笔退款的记录。重试将发送退款；或以其他方式退还，然后人工确认。",
            ),
            ..REFUND_UNCLEAR
        },
        // No refund comes to these.
        Reason::NotPaid
        | Reason::CannotAsk
        | Reason::CannotReverse
        | Reason::CannotClose
        | Reason::SignatureFails
        | Reason::NumberTaken
        | Reason::ReturnedElsewhere => REFUND_UNCLEAR,
    }
}
