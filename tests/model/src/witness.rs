//! What an honest observer of the till knows: what may have left, what was answered, what a person wished. It is kept
//! apart from the flow's own memory, and the rules are judged by it.

use paywand::{
    PaymentKind, PaymentState,
    flow::{Rules, Time},
    gateway::Operation,
};

use crate::{gateway::Answer, model::Restart, refund_seen::RefundSeen, world::OPEN};

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Answered(Answer),
    NotSent { device_clock: bool },
    NoAnswer,
}

/// An exchange that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ended {
    pub(crate) op: Operation,
    pub(crate) sent_at: Time,
    pub(crate) end: End,
}

impl Ended {
    pub(crate) fn is_sale(&self) -> bool {
        matches!(self.op, Operation::Charge | Operation::CreateQr)
    }

    pub(crate) fn asked(&self) -> bool {
        matches!(self.op, Operation::Query | Operation::Detail)
    }

    pub(crate) fn is_undo(&self) -> bool {
        matches!(self.op, Operation::Reverse | Operation::Close)
    }

    pub(crate) fn answer(&self) -> Option<Answer> {
        match self.end {
            End::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// Whether its answer says something that can be believed or doubted.
    pub(crate) fn is_readable(&self) -> bool {
        self.answer().is_some_and(|answer| !matches!(answer, Answer::Unproved | Answer::Unverified))
    }

    fn may_have_left(&self) -> bool {
        !matches!(self.end, End::NotSent { .. })
    }
}

/// How far it has been asked since the last reverse or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Asked {
    No,
    Unanswered,
    Answered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Witness {
    /// A charge or creation may have left.
    pub(crate) sale_left: bool,
    /// It may be sent once more: nothing of it left, or the gateway asked.
    pub(crate) sale_again: bool,
    pub(crate) repeats: u8,
    /// A reverse or close may have left.
    pub(crate) undo_left: bool,
    /// When the last reverse that may have left was answered or given up, or the process was started again.
    pub(crate) reverse_left_at: Time,
    /// A reverse or close was asked for, sent or not.
    pub(crate) undoing: bool,
    pub(crate) undo_done: bool,
    pub(crate) asked_since_undo: Asked,
    /// From when the least age of a reverse counts: the charge's end, or the restart.
    pub(crate) age_from: Time,
    /// From here on an undecided answer may lead to a reverse or close: the deadline, or the cancel.
    pub(crate) decide_from: Time,
    /// The newest query was answered, and undecided.
    pub(crate) undecided: bool,
    /// The newest query was sent late enough to lead to a first reverse or close.
    pub(crate) late_enough: bool,
    /// The newest query named another code than the one shown.
    pub(crate) other_qr: bool,
    /// The newest readable answer was a success whose signature fails.
    pub(crate) unverified: bool,
    pub(crate) number_taken: bool,
    pub(crate) cancelled: bool,
    pub(crate) shown: bool,
    /// When the code runs out, as the till must count it.
    pub(crate) expires_at: Time,
    pub(crate) restarted: bool,
    pub(crate) suspended: bool,
    /// Patience began here at the latest.
    pub(crate) patient_from: Time,
    /// A failed charge's one reverse was sent.
    pub(crate) cleaned: bool,
    /// Watching queries in a row that proved nothing.
    pub(crate) watched_in_vain: u8,
    /// It was reported as paid.
    pub(crate) ever_paid: bool,
    /// It is being given back, in attention too.
    pub(crate) giving_back: bool,
    /// The gateway called about an end that nobody watched any more, and its question is not answered yet.
    pub(crate) called: bool,
    /// The gateway called while an exchange of what is at work was out, and no question has been sent since.
    pub(crate) called_meanwhile: bool,
    pub(crate) refund: RefundSeen,
}

impl Witness {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            sale_left: false,
            sale_again: true,
            repeats: 0,
            undo_left: false,
            reverse_left_at: Time::default(),
            undoing: false,
            undo_done: false,
            asked_since_undo: Asked::No,
            age_from: now,
            decide_from: OPEN,
            undecided: false,
            late_enough: false,
            other_qr: false,
            unverified: false,
            number_taken: false,
            cancelled: false,
            shown: false,
            expires_at: OPEN,
            restarted: false,
            suspended: false,
            patient_from: now,
            cleaned: false,
            watched_in_vain: 0,
            ever_paid: false,
            giving_back: false,
            called: false,
            called_meanwhile: false,
            refund: RefundSeen::default(),
        }
    }

    /// When a reverse is old enough.
    pub(crate) fn old_enough_at(&self, rules: &Rules) -> Time {
        self.age_from.after(rules.timing.min_reverse_age_ms)
    }

    /// When what left can no longer arrive, and a code that was shown no longer be paid.
    pub(crate) fn landed_at(&self, rules: &Rules) -> Time {
        let from = if self.shown { self.expires_at } else { self.age_from };
        from.after(rules.timing.landing_horizon_ms)
    }

    /// An exchange of this process is over.
    pub(crate) fn exchange_ended(&mut self, ended: &Ended, kind: PaymentKind, rules: &Rules, now: Time) {
        let answer = ended.answer();
        self.refund.exchange_ended(ended, now);
        if ended.is_sale() {
            self.sale_ended(ended, kind, rules, now);
        }
        if ended.is_undo() && ended.may_have_left() {
            self.undo_left = true;
            if ended.op == Operation::Reverse {
                self.reverse_left_at = now;
            }
            self.undo_done = answer == Some(Answer::ReverseDone);
        } else if ended.is_undo() {
            self.cleaned = false;
        }
        if ended.op == Operation::RefundQuery && ended.answer().is_some_and(|answer| answer != Answer::Unproved) {
            // What became of the refund tells what became of the reverse before it.
            self.asked_since_undo = Asked::Answered;
        }
        if !ended.asked() {
            return;
        }
        self.asked_since_undo = self.asked_since_undo.max(Asked::Unanswered);
        if let Some(answer) = answer
            && answer != Answer::Unproved
        {
            self.asked_since_undo = Asked::Answered;
            self.unverified = answer == Answer::Unverified;
        }
        if ended.op == Operation::Query {
            let late = match kind {
                PaymentKind::Charge => self.decide_from.max(self.old_enough_at(rules)),
                PaymentKind::Qr | PaymentKind::Refund => self.decide_from,
            };
            self.undecided = matches!(answer, Some(Answer::Waiting | Answer::NotFound | Answer::NotPaid));
            self.late_enough = ended.sent_at >= late;
            self.other_qr = answer == Some(Answer::OtherQr);
        }
    }

    /// How often a watching query has proved nothing.
    pub(crate) fn watch_answered(&mut self, ended: &Ended, watched: bool) {
        let in_vain = matches!(ended.answer(), None | Some(Answer::Unproved | Answer::Unverified));
        self.watched_in_vain = if watched && in_vain { self.watched_in_vain.saturating_add(1) } else { 0 };
    }

    fn sale_ended(&mut self, ended: &Ended, kind: PaymentKind, rules: &Rules, now: Time) {
        let answer = ended.answer();
        self.number_taken |= answer == Some(Answer::NumberTaken);
        self.sale_again = match ended.end {
            End::NotSent { device_clock } => !self.sale_left && !device_clock,
            End::Answered(Answer::SendAgain) => {
                self.repeats += 1;
                self.repeats <= 3
            }
            _ => false,
        };
        if ended.may_have_left() {
            self.sale_left = true;
            self.age_from = now;
            self.expires_at = now.after(rules.timing.qr_life_ms);
        }
        if kind == PaymentKind::Charge {
            self.unverified = match answer {
                Some(answer) => answer == Answer::Unverified,
                None => self.unverified,
            };
        }
        self.decide_anew(rules, now);
    }

    /// The deadline counts from here; after a cancel, or once something is being undone, there is none to wait for.
    fn decide_anew(&mut self, rules: &Rules, now: Time) {
        let no_wait = self.cancelled || self.undoing;
        self.decide_from = if no_wait { now } else { now.after(rules.timing.deadline_ms) };
    }

    pub(crate) fn cancel_heard(&mut self, now: Time) {
        self.cancelled = true;
        self.decide_from = self.decide_from.min(now);
        self.patient_from = now;
    }

    /// The process was started again.
    pub(crate) fn restarted(&mut self, start: Restart, kind: PaymentKind, rules: &Rules, now: Time) {
        self.restarted = true;
        self.suspended = start != Restart::Recovered;
        self.asked_since_undo = Asked::No;
        self.reverse_left_at = now;
        self.refund.restarted(now);
        (self.called, self.called_meanwhile) = (false, false);
        self.undecided = false;
        self.other_qr = false;
        self.patient_from = now;
        if self.suspended {
            return;
        }
        self.age_from = now;
        self.expires_at = now.after(rules.timing.qr_life_ms);
        match kind {
            PaymentKind::Charge => self.decide_anew(rules, now),
            // The code was on a screen that is gone.
            PaymentKind::Qr | PaymentKind::Refund => self.decide_from = now,
        }
    }

    /// A reverse or close is on its way.
    pub(crate) fn undo_sent(&mut self, from: PaymentState) {
        self.cleaned |= from == PaymentState::Failed;
        self.undoing = true;
        self.undo_done = false;
        self.asked_since_undo = Asked::No;
    }
}
