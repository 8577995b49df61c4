//! What a journal row says, for the one who looks into a payment: what was asked, and what came of it. The codes in it choose
//! the words; a code without words stands as it is.

use serde_json::Value;

use super::{Language, Text};
use crate::store::JournalEntry;

impl JournalEntry {
    /// What happened, in one line: "Query: not decided yet". Nothing here is a verdict: where it left the payment, `state` says.
    pub fn text(&self, language: Language) -> String {
        text(&self.event, language)
    }
}

fn text(event: &str, language: Language) -> String {
    let Ok(told) = serde_json::from_str::<Value>(event) else { return event.to_owned() };
    let field = |name: &str| told.get(name).and_then(Value::as_str);
    let Some(input) = field("input") else { return event.to_owned() };
    let came = match field("reply") {
        Some(reply) => in_words(reply_words(reply), reply, language),
        None => in_words(input_words(input), input, language),
    };
    let english = language == Language::En;
    let asked = field("op").map(|op| in_words(operation_words(op), op, language));
    let line = match asked {
        Some(asked) if english => format!("{asked}: {came}"),
        Some(asked) => format!("{asked}：{came}"),
        None => came,
    };
    let line = match (field("who"), field("why")) {
        (Some(who), Some(why)) if english => format!("{line} by {who}: {why}"),
        (Some(who), Some(why)) => format!("{line}（{who}）：{why}"),
        _ => line,
    };
    let code = field("code").or(field("why").filter(|_| field("who").is_none()));
    match code {
        Some(code) if english => format!("{line} ({code})"),
        Some(code) => format!("{line}（{code}）"),
        None => line,
    }
}

fn in_words(words: Option<Text>, code: &str, language: Language) -> String {
    words.map_or(code, |words| words.in_language(language)).to_owned()
}

/// What reached the payment, other than an answer.
fn input_words(code: &str) -> Option<Text> {
    Some(match code {
        "begin" => Text::new("Begun", "开始"),
        "recovered" => Text::new("Found again when the till started", "程序启动后找回"),
        "account_changed" => Text::new("The merchant account is another one now", "商户账户已更换"),
        "gateway_missing" => Text::new("The gateway is not configured any more", "收单方已不在配置中"),
        "withdrawn" => Text::new("Withdrawn before anything was sent", "发出前已撤回"),
        "not_sent" => Text::new("did not leave the till", "未从本机发出"),
        "no_answer" => Text::new("no answer, what became of it is open", "无应答，结果未知"),
        "time_up" => Text::new("The next step was due", "到时执行下一步"),
        "cancel_asked" => Text::new("A cancel was asked for", "收银员要求取消"),
        "notified" => Text::new("A callback came: it is asked at once", "收到通知，立即查询"),
        "retry_asked" => Text::new("Asked for once more by a person", "人工要求再次查询"),
        "acknowledged" => Text::new("Acknowledged by a person", "已有人确认知悉"),
        "settled_by_hand" => Text::new("Settled by hand", "人工确认"),
        _ => return None,
    })
}

fn operation_words(code: &str) -> Option<Text> {
    Some(match code {
        "charge" => Text::new("Charge", "扣款"),
        "create_qr" => Text::new("QR order", "生成二维码"),
        "query" => Text::new("Query", "查询"),
        "detail" => Text::new("Detail query", "查询明细"),
        "reverse" => Text::new("Reverse", "撤销"),
        "close" => Text::new("Close", "关单"),
        "refund" => Text::new("Refund", "退款"),
        "refund_query" => Text::new("Refund query", "查询退款"),
        _ => return None,
    })
}

/// What the gateway's answer proves, or does not.
fn reply_words(code: &str) -> Option<Text> {
    Some(match code {
        "paid" => Text::new("paid", "已支付"),
        "looks_paid" => {
            Text::new("says paid without a sum, which the detail query tells", "显示已支付但无金额，须查明细")
        }
        "paid_other" => Text::new("another sum than asked for", "金额与请求不符"),
        "unverified" => Text::new("says paid under a wrong signature", "显示已支付但签名不符"),
        "waiting" => Text::new("not decided yet", "尚无结果"),
        "other_qr" => Text::new("waits under another QR", "对应另一个二维码"),
        "qr_ready" => Text::new("the QR is ready", "二维码已生成"),
        "send_again" => Text::new("to be sent once more", "要求重发"),
        "refused" => Text::new("turned away", "被拒绝"),
        "not_paid" => Text::new("the charge failed", "扣款失败"),
        "not_found" => Text::new("not found", "查无记录"),
        "number_taken" => Text::new("the number was used before", "单号已被使用"),
        "reversed" => Text::new("is reversed", "订单已撤销"),
        "closed" => Text::new("is closed", "订单已关闭"),
        "reverse_done" => Text::new("says that it is done", "回复已完成"),
        "reverse_again" => Text::new("to be asked once more", "要求再次请求"),
        "reverse_refused" => Text::new("turned away", "被拒绝"),
        "returned_elsewhere" => Text::new("some money came back by other hands", "部分款项已由其他途径退回"),
        "returned_in_full" => Text::new("all money came back", "款项已全部退回"),
        "refund_accepted" => Text::new("taken on, not given back yet", "已受理，尚未退回"),
        "refund_proved" => Text::new("given back", "已退回"),
        "refund_failed" => Text::new("failed", "失败"),
        "refund_changed" => Text::new("the wallet cannot pay it out", "钱包无法原路退回"),
        "undecided" => Text::new("does not say what became of it", "未说明结果"),
        "unproved" => Text::new("proves nothing", "不能证明结果"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::gateway::{Operation, Receipt, Reply, Returned};
    use crate::{Amount, Currency, Evidence};

    fn said(event: &str) -> [String; 2] {
        [Language::En, Language::Zh].map(|language| text(event, language))
    }

    #[test]
    fn a_step_says_what_was_asked_and_what_came() {
        for (event, english, chinese) in [
            (r#"{"input":"begin"}"#, "Begun", "开始"),
            (
                r#"{"input":"reply","op":"query","number":2,"reply":"waiting","code":null,"why":null}"#,
                "Query: not decided yet",
                "查询：尚无结果",
            ),
            (
                r#"{"input":"reply","op":"charge","number":1,"reply":"refused","code":"101","why":null}"#,
                "Charge: turned away (101)",
                "扣款：被拒绝（101）",
            ),
            (
                r#"{"input":"reply","op":"reverse","number":4,"reply":"unproved","code":null,"why":"signature"}"#,
                "Reverse: proves nothing (signature)",
                "撤销：不能证明结果（signature）",
            ),
            (
                r#"{"input":"no_answer","op":"charge","number":1,"why":"timeout"}"#,
                "Charge: no answer, what became of it is open (timeout)",
                "扣款：无应答，结果未知（timeout）",
            ),
            (
                r#"{"input":"settled_by_hand","paid":true,"who":"Li","why":"seen in the portal"}"#,
                "Settled by hand by Li: seen in the portal",
                "人工确认（Li）：seen in the portal",
            ),
        ] {
            assert_eq!(said(event), [english, chinese], "{event}");
        }
    }

    #[test]
    fn what_has_no_words_stands_as_it_is() {
        for event in ["", "no JSON", "[1]", r#"{"input":7}"#] {
            assert_eq!(said(event), [event, event]);
        }
        assert_eq!(said(r#"{"input":"reply","op":"dance","reply":"later"}"#), ["dance: later", "dance：later"]);
    }

    #[test]
    fn every_operation_and_every_reply_has_words_in_both_languages() {
        use Operation::{Charge, Close, CreateQr, Detail, Query, Refund, RefundQuery, Reverse};
        for operation in [Charge, Close, CreateQr, Detail, Query, Refund, RefundQuery, Reverse] {
            assert!(operation_words(operation.code()).is_some(), "{operation:?}");
        }
        let (receipt, code) = (
            Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence: Evidence::Order },
            String::new,
        );
        let returned = Returned { gateway_number: None, refunded_at_ms: None, evidence: Evidence::Order };
        for reply in [
            Reply::Paid(receipt),
            Reply::LooksPaid,
            Reply::PaidOther(Amount::new(1, Currency::CNY)),
            Reply::Unverified,
            Reply::Waiting,
            Reply::OtherQr,
            Reply::QrReady { pay_url: code(), gateway_number: None },
            Reply::SendAgain,
            Reply::Refused(code()),
            Reply::NotPaid(code()),
            Reply::NotFound,
            Reply::NumberTaken,
            Reply::Reversed,
            Reply::Closed,
            Reply::ReverseDone,
            Reply::ReverseAgain,
            Reply::ReverseRefused,
            Reply::ReturnedElsewhere,
            Reply::ReturnedInFull,
            Reply::RefundAccepted,
            Reply::RefundProved(returned),
            Reply::RefundFailed(code()),
            Reply::RefundChanged,
            Reply::Undecided(""),
            Reply::Unproved(""),
        ] {
            assert!(reply_words(reply.code()).is_some_and(|words| words.en != words.zh), "{reply:?}");
        }
    }
}
