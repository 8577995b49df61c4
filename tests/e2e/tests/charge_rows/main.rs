//! The charge, row by row of the table in `docs/architecture.md`, and the rules that stand below it. Each scenario looks
//! at the till, at the gateway's books and at what the gateway was asked.

mod asking;
mod begun;
mod ended;
mod people;
mod timing;
mod undoing;
