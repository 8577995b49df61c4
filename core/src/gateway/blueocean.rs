//! stub
use super::*;
pub(super) const TIMING: Timing = Timing::COMMON;
pub(super) struct BlueOcean;
impl BlueOcean {
    pub(super) fn new(_s: Settings) -> Result<Self, PaywandError> {
        Ok(Self)
    }
}
impl Gateway for BlueOcean {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            charge: true,
            qr: false,
            query: false,
            detail: false,
            reverse: false,
            close: false,
            cleans_failures: false,
            signs_answers: false,
            currencies: &[],
            max_minor: 0,
            max_code: 0,
            order_prefix: String::new(),
        }
    }
    fn account(&self) -> Vec<&str> {
        vec![]
    }
    fn request(
        &self,
        _op: Operation,
        _order: &Order,
        _code: Option<&PaymentCode>,
        _stamp: &Stamp,
    ) -> Result<WireRequest, RequestError> {
        Err(RequestError { field: "", reason: String::new() })
    }
    fn reply(&self, _op: Operation, _order: &Order, _response: &WireResponse) -> Reply {
        Reply::Unproved("")
    }
}
