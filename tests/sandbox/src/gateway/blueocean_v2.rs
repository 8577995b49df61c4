//! BlueOcean's notification in the form of version 2 (B2): a web form, with the gateway's own number as `sn`. Nothing else of version 2
//! is served.

use super::blueocean::state_words;
use super::{Data, Desk, data};
use crate::ledger::{Order, OrderKind};
use crate::sign;

/// What is posted about an order, whatever its state.
pub(crate) fn blueocean_v2_notice<'a>(order: &'a Order, desk: &mut Desk<'a>) -> Option<Data<'a>> {
    let merchant = desk.merchant?;
    let mut data = data! {
        "version": "2.0",
        "id": "1",
        "appid": &merchant.blueocean_v1.appid,
        "nonce_str": desk.rng.alphanumeric(32),
        "sn": &order.gateway_number,
        "out_trade_no": &order.order_number,
        "transaction_id": &order.wallet_number,
        "provider": "wechat",
        "create_time": order.created_at_ms / 1000,
        // 0: unpaid.
        "time_end": order.paid_at_ms.map_or(0, |at| at / 1000),
        "trade_state": state_words(order).0,
        "trade_type": if order.kind == OrderKind::Qr { "NATIVE" } else { "MICROPAY" },
        "fee_type": &order.currency,
        "cash_fee_type": "CNY",
        "total_fee": order.charged_minor,
        "discount": 0_i64,
        "pay_amount": order.charged_minor,
    };
    if let Some(attach) = order.texts.get("attach") {
        data.put("attach", attach);
    }
    desk.sign(&mut data, sign::blueocean, &merchant.blueocean_v1.key);
    Some(data)
}
