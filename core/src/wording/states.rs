//! The words of each state. A refund's own stand below; no refund reaches the states that it shares one row for.

use super::{Advice, Text, Words};
use crate::payment::{PaymentKind, PaymentState};

pub(super) const ONE_MOMENT: Text = Text::new("One moment, please.", "请稍候。");
pub(super) const CHECKING: Text = Text::new("Please wait. We are checking your payment.", "请稍候，正在确认付款结果。");
pub(super) const CHECKING_REFUND: Text =
    Text::new("Please wait. We are checking your refund.", "请稍候，正在确认退款结果。");
pub(super) const NOT_TAKEN: Text = Text::new(
    "The payment was not made and nothing was taken. Please try again or pay another way.",
    "付款未完成，未扣款。请重试或更换付款方式。",
);
pub(super) const ASK_ABOUT_REFUND: Text =
    Text::new("The refund was not made. Please ask the cashier.", "退款未完成，请咨询收银员。");
const CANCELLING: Text = Text::new("Please wait. The payment is being cancelled.", "请稍候，正在取消付款。");
const RETURNED: Text = Text::new("Your money was returned.", "款项已退回给您。");

/// Paid, although a cancel was asked for, and nobody has acknowledged it.
pub(super) const CANCEL_TOO_LATE: Words = Words {
    cashier: Text::new(
        "Paid before the cancel took hold. Hand over the goods or refund it, then acknowledge it.",
        "取消生效前顾客已支付。请交付商品或退款，然后确认知悉。",
    ),
    customer: Text::new(
        "Your payment came before it was cancelled. Please ask the cashier.",
        "付款在取消前已完成，请咨询收银员。",
    ),
    advice: Advice::ByHand,
};

/// A person has settled it, and proof of the opposite came in.
pub(super) const CONTRADICTED: Words = Words {
    cashier: Text::new(
        "Settled by hand, but the gateway now says the opposite. Look at the merchant portal.",
        "已人工确认，但收单方的结果与此相反。请核对商户后台。",
    ),
    customer: Text::new("Please ask the cashier about this payment.", "请就此笔付款咨询收银员。"),
    advice: Advice::ByHand,
};

/// A refund of which no more is known.
pub(super) const REFUND_UNCLEAR: Words = Words {
    cashier: Text::new(
        "It is unclear whether this refund was made. Look at the merchant portal, then settle by hand.",
        "此笔退款结果不明。请核对商户后台，然后人工确认。",
    ),
    customer: CHECKING_REFUND,
    advice: Advice::ByHand,
};

pub(super) fn words(state: PaymentState, kind: PaymentKind) -> Words {
    match kind {
        PaymentKind::Charge => of_payment(state),
        PaymentKind::Qr => of_qr(state),
        PaymentKind::Refund => of_refund(state),
    }
}

fn of_qr(state: PaymentState) -> Words {
    match state {
        // Nobody has seen the code yet.
        PaymentState::Charging => Words {
            cashier: Text::new("The QR is being made.", "正在生成二维码。"),
            customer: ONE_MOMENT,
            advice: Advice::Wait,
        },
        _ => of_payment(state),
    }
}

fn of_payment(state: PaymentState) -> Words {
    match state {
        PaymentState::Created => {
            Words { cashier: Text::new("Preparing.", "准备中。"), customer: ONE_MOMENT, advice: Advice::Wait }
        }
        PaymentState::Charging => Words {
            cashier: Text::new(
                "Charging. Ask the customer to confirm on the phone. Do not charge again.",
                "扣款中，请顾客在手机上确认，请勿重复收款。",
            ),
            customer: Text::new("Please confirm on your phone if it asks you to.", "如手机有提示，请在手机上确认。"),
            advice: Advice::Wait,
        },
        PaymentState::ShowingQr => Words {
            cashier: Text::new("Show the QR to the customer.", "请顾客扫描二维码。"),
            customer: Text::new("Please scan this code to pay.", "请扫描二维码付款。"),
            advice: Advice::Wait,
        },
        PaymentState::Querying => Words {
            cashier: Text::new("Asking whether it was paid. Do not charge again.", "正在查询支付结果，请勿重复收款。"),
            customer: CHECKING,
            advice: Advice::Wait,
        },
        PaymentState::CancelWaiting => Words {
            cashier: Text::new("Cancelling. Do not charge again yet.", "正在取消，请先不要重复收款。"),
            customer: CANCELLING,
            advice: Advice::Wait,
        },
        PaymentState::Reversing => Words {
            cashier: Text::new("Reversing. Do not charge again yet.", "正在撤销，请先不要重复收款。"),
            customer: CANCELLING,
            advice: Advice::Wait,
        },
        PaymentState::Confirming => Words {
            cashier: Text::new(
                "Checking that it was undone. Do not charge again yet.",
                "正在确认撤销结果，请先不要重复收款。",
            ),
            customer: CHECKING,
            advice: Advice::Wait,
        },
        PaymentState::Refunding => Words {
            cashier: Text::new(
                "Money came in for a payment that had been given up. It is being given back.",
                "已放弃的支付收到了款项，正在退还顾客。",
            ),
            customer: Text::new("Your money is being returned to you.", "款项正在退还给您。"),
            advice: Advice::Wait,
        },
        PaymentState::Closing => Words {
            cashier: Text::new(
                "Closing the QR order. Do not charge again yet.",
                "正在关闭二维码订单，请先不要重复收款。",
            ),
            customer: CHECKING,
            advice: Advice::Wait,
        },
        PaymentState::NeedsAttention => Words {
            cashier: Text::new(
                "A person must look into this payment. Do not charge again yet.",
                "此笔支付需要人工处理，请先不要重复收款。",
            ),
            customer: CHECKING,
            advice: Advice::ByHand,
        },
        PaymentState::Paid => Words {
            cashier: Text::new("Paid.", "已支付。"),
            customer: Text::new("Paid. Thank you.", "付款成功，谢谢。"),
            advice: Advice::None,
        },
        PaymentState::Failed => Words {
            cashier: Text::new("Not paid. No money moved.", "未支付，未扣款。"),
            customer: NOT_TAKEN,
            advice: Advice::Rescan,
        },
        PaymentState::Reversed => Words {
            cashier: Text::new("Reversed. The customer has the money.", "已撤销，款项归顾客。"),
            customer: Text::new("The payment was cancelled. You keep your money.", "付款已取消，款项归您。"),
            advice: Advice::Rescan,
        },
        // Not "unpaid": a close can pay back who was quicker (docs/sources.md, huishouyin).
        PaymentState::Closed => Words {
            cashier: Text::new("Closed. The customer has the money.", "已关闭，款项归顾客。"),
            customer: Text::new("This code has ended. You keep your money.", "此二维码已失效，款项归您。"),
            advice: Advice::Rescan,
        },
        PaymentState::Refunded => Words {
            cashier: Text::new("Refunded. The customer has the money.", "已退款，款项归顾客。"),
            customer: RETURNED,
            advice: Advice::None,
        },
        PaymentState::SettledPaid => Words {
            cashier: Text::new("Settled by hand as paid.", "已人工确认：已支付。"),
            customer: Text::new("The cashier has confirmed this payment.", "收银员已确认此笔付款。"),
            advice: Advice::None,
        },
        PaymentState::SettledNotPaid => Words {
            cashier: Text::new("Settled by hand as not paid.", "已人工确认：未支付。"),
            customer: Text::new(
                "The cashier has ended this payment. If your phone shows a payment, please say so.",
                "收银员已结束此笔付款。如手机显示扣款，请告知收银员。",
            ),
            advice: Advice::None,
        },
    }
}

fn of_refund(state: PaymentState) -> Words {
    match state {
        PaymentState::Created => Words {
            cashier: Text::new("Preparing the refund.", "正在准备退款。"),
            customer: ONE_MOMENT,
            advice: Advice::Wait,
        },
        PaymentState::Refunding => Words {
            cashier: Text::new(
                "The refund is under way. Do not give the money back a second time.",
                "退款处理中，请勿重复退款。",
            ),
            customer: Text::new("Your refund is under way.", "退款处理中。"),
            advice: Advice::Wait,
        },
        PaymentState::NeedsAttention => Words {
            cashier: Text::new(
                "A person must look into this refund. Do not give the money back a second time.",
                "此笔退款需要人工处理，请勿重复退款。",
            ),
            customer: CHECKING_REFUND,
            advice: Advice::ByHand,
        },
        PaymentState::Failed => Words {
            cashier: Text::new("The refund failed: nothing was given back.", "退款失败，款项未退回。"),
            customer: ASK_ABOUT_REFUND,
            advice: Advice::TryAgain,
        },
        PaymentState::Refunded => Words {
            cashier: Text::new("Refunded. The customer has the money.", "已退款，款项归顾客。"),
            customer: RETURNED,
            advice: Advice::None,
        },
        PaymentState::SettledPaid => Words {
            cashier: Text::new("Settled by hand: the money was given back.", "已人工确认：款项已退回。"),
            customer: Text::new("The cashier has confirmed your refund.", "收银员已确认此笔退款。"),
            advice: Advice::None,
        },
        // Its sum stays taken: only a refund that is proved failed frees it for another.
        PaymentState::SettledNotPaid => Words {
            cashier: Text::new(
                "Settled by hand: the money was not given back. Give it back by other means.",
                "已人工确认：款项未退回。请以其他方式退还。",
            ),
            customer: Text::new("Please ask the cashier about this refund.", "请就此笔退款咨询收银员。"),
            advice: Advice::PayAnotherWay,
        },
        PaymentState::Charging
        | PaymentState::ShowingQr
        | PaymentState::Querying
        | PaymentState::CancelWaiting
        | PaymentState::Reversing
        | PaymentState::Confirming
        | PaymentState::Closing
        | PaymentState::Paid
        | PaymentState::Reversed
        | PaymentState::Closed => REFUND_UNCLEAR,
    }
}
