//! Whether a gateway's answers can be trusted. Three successes in a row whose signatures fail, and no new sale goes there
//! until an answer verifies (docs/architecture.md). Where nothing is asked any more whose answer could, one sale may try
//! every five minutes: the gateway's key may have been put right, and nobody else would find out.

use crate::{flow::Time, gateway::Reply};

/// So many successes in a row whose signatures fail.
const MOST_UNVERIFIED: u32 = 3;

/// How long after the last of them, or after the last try, a sale may try.
const TRY_AFTER_MS: i64 = 5 * 60_000;

/// What the answers of one gateway have shown since this process began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trust {
    unverified: u32,
    since: Time,
}

impl Trust {
    pub(super) fn heard(&mut self, reply: &Reply, now: Time) {
        match reply {
            Reply::Unverified => {
                self.unverified = self.unverified.saturating_add(1);
                self.since = now;
            }
            reply if verifies(reply) => self.unverified = 0,
            _ => {}
        }
    }

    /// Whether no new sale goes there. `asked`: a payment whose signature failed is still asked about, and its answer tells.
    pub(super) fn refuses(&self, asked: bool, now: Time) -> bool {
        self.unverified >= MOST_UNVERIFIED && (asked || now < self.since.after(TRY_AFTER_MS))
    }

    /// A sale goes there; where it is a try, it is the only one for a while.
    pub(super) fn sold(&mut self, now: Time) {
        self.since = now;
    }
}

/// Whether `reply` is given only to answers with a valid signature, at every gateway that signs. Waiting, a QR, "no such
/// order", refusals and what a refund meets in the order's own state (Reversed, Closed) also come unsigned (B1, T2).
fn verifies(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Paid(_)
            | Reply::PaidOther(_)
            | Reply::NotPaid(_)
            | Reply::OtherQr
            | Reply::ReverseDone
            | Reply::ReturnedElsewhere
            | Reply::RefundAccepted
            | Reply::RefundProved(_)
            | Reply::RefundFailed(_)
            | Reply::RefundChanged
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gateway::{Receipt, Returned},
        money::{Amount, Currency},
        payment::Evidence,
    };

    fn unhealthy() -> Trust {
        let mut trust = Trust::default();
        for n in 1..=3 {
            assert!(!trust.refuses(false, Time(n)));
            trust.heard(&Reply::Unverified, Time(n));
        }
        assert!(trust.refuses(false, Time(4)));
        trust
    }

    #[test]
    fn only_an_answer_that_verifies_makes_a_gateway_trusted_again() {
        let receipt =
            Receipt { gateway_number: None, paid_at_ms: None, refundable: None, evidence: Evidence::Signature };
        let returned = Returned { gateway_number: None, refunded_at_ms: None, evidence: Evidence::Signature };
        for reply in [
            Reply::Paid(receipt),
            Reply::PaidOther(Amount::new(1, Currency::HKD)),
            Reply::NotPaid(String::new()),
            Reply::OtherQr,
            Reply::ReverseDone,
            Reply::ReturnedElsewhere,
            Reply::RefundAccepted,
            Reply::RefundProved(returned),
            Reply::RefundFailed(String::new()),
            Reply::RefundChanged,
        ] {
            let mut trust = unhealthy();
            trust.heard(&reply, Time(5));
            assert!(!trust.refuses(true, Time(5)), "{reply:?}");
        }
        // What a gateway that signs also says without a signature, or what proves nothing.
        for reply in [
            Reply::Waiting,
            Reply::QrReady { pay_url: String::new(), gateway_number: None },
            Reply::SendAgain,
            Reply::Refused(String::new()),
            Reply::NotFound,
            Reply::NumberTaken,
            Reply::Reversed,
            Reply::Closed,
            Reply::ReverseAgain,
            Reply::ReverseRefused,
            Reply::ReturnedInFull,
            Reply::Undecided("x"),
            Reply::Unproved("x"),
            Reply::Unverified,
        ] {
            let mut trust = unhealthy();
            trust.heard(&reply, Time(5));
            assert!(trust.refuses(false, Time(5)), "{reply:?}");
        }
    }

    #[test]
    fn where_nothing_is_asked_any_more_one_sale_may_try_every_five_minutes() {
        let mut trust = unhealthy();
        let due = Time(3).after(TRY_AFTER_MS);
        assert!(trust.refuses(false, Time(due.0 - 1)) && trust.refuses(true, due) && !trust.refuses(false, due));
        trust.sold(due);
        assert!(trust.refuses(false, due.after(1)) && !trust.refuses(false, due.after(TRY_AFTER_MS)));
        trust.heard(&Reply::Unverified, due.after(1_000));
        assert!(trust.refuses(false, due.after(TRY_AFTER_MS)));
    }
}
