//! What an honest observer of the till knows of a refund: what may have left, what was asked about it and answered.

use paywand::{
    flow::{Rules, Time},
    gateway::Operation,
};

use crate::{
    gateway::Answer,
    witness::{End, Ended},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RefundSeen {
    /// A refund may have left.
    pub(crate) left: bool,
    /// When the last that may have left was answered or given up, or the process was started again.
    pub(crate) left_at: Time,
    /// What became of the last was answered; or it cannot be out, since there was nothing to give back.
    pub(crate) is_clear: bool,
    /// When the newest question about it was sent, if it was not found, since the last refund and the restart.
    pub(crate) not_found_at: Option<Time>,
    /// When the gateway first took it on.
    pub(crate) accepted_at: Option<Time>,
    /// It was proved, failed, was turned away as the only send, or gave back another sum: the number is used up.
    pub(crate) is_over: bool,
    /// The gateway proved that money is there; where only the detail call tells the sum, that call did.
    pub(crate) money_proved: bool,
}

impl RefundSeen {
    /// An exchange of this process is over.
    pub(crate) fn exchange_ended(&mut self, ended: &Ended, now: Time) {
        let answer = ended.answer();
        match ended.op {
            Operation::Refund => self.refund_ended(ended, now),
            Operation::RefundQuery => {
                let readable = answer.filter(|answer| *answer != Answer::Unproved);
                self.is_clear |= readable.is_some();
                if let Some(answer) = readable {
                    self.not_found_at = (answer == Answer::NotFound).then_some(ended.sent_at);
                    self.learn(answer, now);
                }
            }
            _ => self.money_proved |= matches!(answer, Some(Answer::Paid(_))) && ended.asked(),
        }
    }

    fn refund_ended(&mut self, ended: &Ended, now: Time) {
        let only_send = !self.left;
        if matches!(ended.end, End::NotSent { .. }) {
            return;
        }
        self.left = true;
        self.left_at = now;
        let Some(answer) = ended.answer() else { return };
        self.is_over |= only_send && answer == Answer::Refused;
        self.is_clear = matches!(answer, Answer::Refused | Answer::ReturnedInFull | Answer::Reversed | Answer::Closed);
        self.learn(answer, now);
    }

    fn learn(&mut self, answer: Answer, now: Time) {
        if matches!(answer, Answer::RefundAccepted | Answer::Waiting) && self.accepted_at.is_none() {
            self.accepted_at = Some(now);
        }
        self.is_over |= matches!(answer, Answer::RefundProved | Answer::RefundFailed | Answer::PaidOther);
    }

    /// A refund is on its way.
    pub(crate) fn sent(&mut self) {
        self.is_clear = false;
        self.not_found_at = None;
    }

    pub(crate) fn restarted(&mut self, now: Time) {
        self.left_at = now;
        self.is_clear = false;
        self.not_found_at = None;
    }

    /// Whether the last question found nothing so late that what left before can no longer arrive.
    pub(crate) fn is_lost(&self, rules: &Rules) -> bool {
        let landed_at = self.left_at.after(rules.timing.landing_horizon_ms);
        self.not_found_at.is_some_and(|asked_at| asked_at >= landed_at)
    }
}
