//! What the sandbox promises, shown through requests as a till sends them.

mod bjrcb;
mod blueocean;
mod checks;
mod huishouyin;
mod maxfun_tp;
mod misbehaviour;
mod money;
mod notices;
mod refund_till;
mod refunds;
mod tencent;
mod till;
mod wire;
