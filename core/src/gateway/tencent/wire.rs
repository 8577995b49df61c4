//! Tencent's requests as they are sent: a JSON text inside a JSON object (S3, T1, T2).
//!
//! The content holds the payment code of a charge. Its room is taken at once: growth would leave a copy behind.

use serde::Serialize;
use zeroize::Zeroizing;

use crate::gateway::RequestError;

/// More than the longest texts take, escaped.
const CONTENT_ROOM: usize = 8 * 1024;
/// Each quote and backslash is doubled once more, and the signature comes beside it.
const ENVELOPE_ROOM: usize = 2 * CONTENT_ROOM + 1024;

/// What is sent: the content, as text, and its signature.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    pub(super) request_content: &'a str,
    pub(super) authen_info: AuthenInfo,
}

/// One of the two signatures.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AuthenInfo {
    /// HMAC.
    A { authen_code: String, authen_type: i64 },
    /// RSA.
    S { sign_type: i64, sign: String },
}

/// What is asked. An operation's own fields stand in an object of their own, or at the top level (docs/sources.md).
#[derive(Serialize)]
pub(super) struct Content<'a> {
    pub(super) nonce_str: &'a str,
    #[serde(flatten)]
    pub(super) own: Own<'a>,
    pub(super) order_client: OrderClient<'a>,
    pub(super) pay_mch_key: PayMchKey<'a>,
}

/// The fields of one operation.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Own<'a> {
    Pay { pay_content: PayContent<'a> },
    Order { out_trade_no: &'a str, trade_type: i64 },
    Reverse { out_trade_no: &'a str },
    Refund { refund_content: RefundContent<'a> },
    RefundQuery { out_trade_no: &'a str, out_refund_no: &'a str },
}

#[derive(Serialize)]
pub(super) struct PayContent<'a> {
    pub(super) out_trade_no: &'a str,
    /// The customer's code; only in a charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) author_code: Option<&'a str>,
    /// Unix seconds; only for a QR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time_expire: Option<i64>,
    pub(super) total_fee: i64,
    pub(super) fee_type: &'static str,
    pub(super) body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remark: Option<String>,
    /// Only where WeChat is asked for (S3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wxpay_pay_content_ext: Option<WxpayExt<'a>>,
}

#[derive(Serialize)]
pub(super) struct WxpayExt<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attach: Option<String>,
    /// S3 says optional, T2 required for QR: sent always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_id: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct RefundContent<'a> {
    pub(super) out_trade_no: &'a str,
    pub(super) out_refund_no: &'a str,
    pub(super) total_fee: i64,
    pub(super) refund_fee: i64,
    pub(super) refund_fee_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_reason: Option<String>,
}

#[derive(Serialize)]
pub(super) struct OrderClient<'a> {
    pub(super) machine_no: &'a str,
    pub(super) terminal_type: i64,
    pub(super) device_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) staff_id: Option<String>,
    pub(super) sdk_version: &'static str,
    pub(super) spbill_create_ip: &'a str,
}

#[derive(Serialize)]
pub(super) struct PayMchKey<'a> {
    pub(super) out_mch_id: &'a str,
    pub(super) out_shop_id: &'a str,
    pub(super) pay_platform: i64,
    pub(super) out_sub_mch_id: &'a str,
}

impl WxpayExt<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.attach.is_none() && self.product_id.is_none()
    }
}

impl Content<'_> {
    /// The text that is signed and sent.
    pub(super) fn text(&self) -> Result<Zeroizing<String>, RequestError> {
        let text = json(self, CONTENT_ROOM)?;
        String::from_utf8(text).map(Zeroizing::new).map_err(|e| unwritable(&e))
    }
}

impl Envelope<'_> {
    /// The body of the request.
    pub(super) fn body(&self) -> Result<Zeroizing<Vec<u8>>, RequestError> {
        json(self, ENVELOPE_ROOM).map(Zeroizing::new)
    }
}

fn json(value: &impl Serialize, room: usize) -> Result<Vec<u8>, RequestError> {
    let mut text = Vec::with_capacity(room);
    serde_json::to_writer(&mut text, value).map_err(|e| unwritable(&e))?;
    Ok(text)
}

fn unwritable(error: &impl ToString) -> RequestError {
    RequestError { field: "body", reason: error.to_string() }
}
