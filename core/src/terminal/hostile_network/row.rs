//! What a row of the table holds.

use std::fmt::{self, Display, Formatter};

use super::other_side::OtherSide;
use crate::{payment::Reason, transport::NotSent};

/// One case.
pub(super) struct Row {
    pub(super) phase: Phase,
    /// In words, by which the row is known.
    pub(super) does: &'static str,
    pub(super) other_side: OtherSide,
    /// The device's clock stands before the day of this release.
    pub(super) clock_is_old: bool,
    pub(super) ends: Ends,
    pub(super) till: Says,
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.does)?;
        f.write_str(if self.clock_is_old { "; the device's clock is older than the release" } else { "" })
    }
}

/// How far an exchange has come when it goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Phase {
    Connecting,
    Handshake,
    Request,
    Head,
    Body,
    Answered,
}

/// How the transport's exchange ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    NotSent(NotSent),
    NoAnswer(&'static str),
    /// A whole answer of this status and body.
    Answer(u16, &'static [u8]),
}

/// What the till says of a charge that met this.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Tried again within the connect budget where that can help, then `Failed`.
    Failed(Reason),
    /// In doubt: the gateway is asked, or a person where it cannot be asked.
    InDoubt,
}

pub(super) const fn not_sent(phase: Phase, does: &'static str, other_side: OtherSide, why: NotSent) -> Row {
    let till = Says::Failed(Reason::NotSent);
    Row { phase, does, other_side, clock_is_old: false, ends: Ends::NotSent(why), till }
}

/// A certificate refused, on a device whose clock stands before the day of this release.
pub(super) const fn old_clock(does: &'static str, other_side: OtherSide, why: NotSent, till: Reason) -> Row {
    let (phase, till) = (Phase::Handshake, Says::Failed(till));
    Row { phase, does, other_side, clock_is_old: true, ends: Ends::NotSent(why), till }
}

pub(super) const fn in_doubt(phase: Phase, does: &'static str, other_side: OtherSide, ends: Ends) -> Row {
    Row { phase, does, other_side, clock_is_old: false, ends, till: Says::InDoubt }
}
