//! What the sandbox promises, shown through requests as a till sends them.

mod checks;
mod misbehaviour;
mod money;
mod refunds;
mod till;
mod wire;
