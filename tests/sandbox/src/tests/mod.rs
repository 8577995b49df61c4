//! What the sandbox promises, shown through requests as a till sends them.

mod bjrcb;
mod blueocean;
mod checks;
mod misbehaviour;
mod money;
mod refund_till;
mod refunds;
mod till;
mod wire;
