//! The seven promises, each a module of scenarios that fail when it is broken. The ledger of the sandbox is the judge.

mod every_call_ends;
mod failed_means_proved;
mod no_row_is_lost;
mod nothing_is_forgotten;
mod nothing_secret_leaks;
mod one_key_one_payment;
mod paid_means_paid;
