//! Callbacks 异步通知 that the merchant's server passes on to the till.

use std::collections::HashMap;

use tokio::sync::oneshot;

use super::{Inner, Terminal};
use crate::{
    driver::shell::Message,
    error::PaywandError,
    gateway::{Callback, Notice, NoticeRefusal},
};

/// What a callback came to.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Acknowledgement {
    /// What the merchant's server answers, with HTTP status 200: the value of `Content-Type`.
    pub content_type: String,
    /// And the body.
    pub body: String,
    /// The payment that it is about; none where this till has no such order.
    pub payment_id: Option<i64>,
    /// Whether its signature was checked. An unsigned one is a hint, as a signed one is: the gateway is asked.
    pub signed: bool,
}

#[uniffi::export]
impl Terminal {
    /// Takes a callback of a gateway that the merchant's server passed on, and returns what that server answers.
    ///
    /// It proves nothing, and changes nothing by itself: the gateway is asked at once what became of the payment and of
    /// its refunds. Twice, late or about another till's order, it does no harm.
    ///
    /// Errors: `UnknownGateway`, `NotificationRefused` (unsupported, unreadable, forged: it is not to be acknowledged),
    /// `StoreUnavailable`.
    pub async fn notification(
        &self,
        gateway: String,
        headers: HashMap<String, String>,
        body: Vec<u8>,
    ) -> Result<Acknowledgement, PaywandError> {
        self.run(move |inner| async move {
            let notice = read(&inner, &gateway, headers, body).await?;
            let (reply, answer) = oneshot::channel();
            inner.tell(Message::Notified { gateway, order_number: notice.order_number, reply })?;
            let payment_id = match answer.await.unwrap_or(Err(PaywandError::ShutDown)) {
                Ok(payment) => Some(payment.id),
                Err(PaywandError::NoSuchOrder { .. }) => None,
                Err(error) => return Err(error),
            };
            let (content_type, body) = (notice.acknowledgement.content_type, notice.acknowledgement.body);
            let (content_type, body) = (content_type.to_owned(), body.to_owned());
            Ok(Acknowledgement { content_type, body, payment_id, signed: notice.signed })
        })
        .await
    }
}

async fn read(
    inner: &Inner,
    gateway: &str,
    headers: HashMap<String, String>,
    body: Vec<u8>,
) -> Result<Notice, PaywandError> {
    let port = inner.ports.get(inner.port(gateway)?);
    let port = port.ok_or_else(|| PaywandError::UnknownGateway { gateway: gateway.to_owned() })?;
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let callback = Callback { headers, body };
    let line = inner.lines.get(inner.port(gateway)?).ok_or(PaywandError::ShutDown)?;
    let read = line.signed(|| port.gateway.notice(&callback)).await;
    read.unwrap_or(Err(NoticeRefusal::Unreadable("the remote signer failed"))).map_err(|refusal| {
        let reason = match refusal {
            NoticeRefusal::Unsupported => "unsupported".to_owned(),
            NoticeRefusal::Forged => "forged".to_owned(),
            NoticeRefusal::Unreadable(why) => format!("unreadable: {why}"),
        };
        log::warn!("{gateway}: a callback is refused: {reason}");
        PaywandError::NotificationRefused { gateway: gateway.to_owned(), reason }
    })
}
