//! Five payment gateways as one server. It checks what it gets as strictly as the documents allow, moves pretend money,
//! keeps a ledger of it, and misbehaves on demand.
//!
//! [`World`] is the whole of it without any I/O: a request and a time go in, an answer and its delivery come out.
//! [`Sandbox`] puts HTTPS and HTTP around a world, for tests; the binary does the same for everybody else.

mod calls;
mod clock;
mod control;
mod deliver;
mod effect;
mod fields;
mod gates;
mod gateway;
mod http;
mod ledger;
mod listen;
mod magic;
mod merchant;
mod notice;
mod plan;
mod refund_effect;
mod refunds;
mod rng;
mod rsa_key;
mod server;
mod sign;
mod tls;
mod twist;
mod world;

#[cfg(test)]
mod tests;

pub use calls::Call;
pub use gateway::{Kind, Op};
pub use http::{Answer, Delivery, Exchange, HttpRequest};
pub use ledger::{Ledger, Order, OrderKind, OrderState, Totals};
pub use magic::{Magic, table as magic_amounts};
pub use merchant::{
    BjrcbAccount, BlueOceanAccount, HuishouyinAccount, MaxfunAccount, MaxfunTpAccount, Merchant, TencentAccount,
};
pub use notice::{Notice, NoticeFault, Notification};
pub use plan::{After, Code108, Customer, Do, Plan, Rule};
pub use refunds::{Refund, RefundState, Refunding};
pub use server::{Options, Sandbox};
pub use world::World;
