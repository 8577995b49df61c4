//! The sentences that must always hold (docs/architecture.md), each a property of its own by its words.

use stateright::Property;

use crate::model::{Payments, State};

macro_rules! rules {
    ($($name:ident => $sentence:literal,)*) => {
        /// A sentence of docs/architecture.md that a step can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Rule { $($name,)* }

        impl Rule {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub(crate) fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }

        /// A step that breaks a rule leads to a state that says so.
        pub(crate) fn properties() -> Vec<Property<Payments>> {
            vec![$(Property::always($sentence, |_: &Payments, state: &State| state.broken != Some(Rule::$name)),)*]
        }
    };
}

rules! {
    // What is said of money is true.
    FailedIsTrue => "failed: no money is with us, and none can come",
    FailedIsProved => "failed: only on an answer that proves it, or on proof that nothing left",
    PaidIsTrue => "paid: to us, this much",
    PaidIsProved => "paid: only on the gateway's success for the exchange under way, in time where the number was taken",
    ProofCounts => "a proof of payment before anything was undone makes it paid",
    UndoneIsTrue => "reversed or closed: no money is with us, or it is still watched",
    UndoneIsProved => "reversed or closed: only where a query names the order so, or finds none past the landing horizon",
    UndoneStaysTrue => "reversed or closed and watched to the end: no money is with us, and none can come",
    OtherMoneyIsTold => "another sum, or money given back elsewhere, goes to a person",
    AttentionIsTrue => "what a person is told of the money is so",
    CancelTooLateIsTold => "paid after a cancel says so, and only then",
    // From the first reverse that may have left.
    NeverPaidAfterReverse => "after a reverse may have left: never paid",
    NeverPaidAfterClose => "after a proved close, or a cancel while closing: never paid",
    MoneyGoesBack => "money seen after it was undone, or closed on a cancel, goes back: refunded, or a person is told",
    NothingBackUnderTakenNumber => "under a number that was taken: nobody is told to give the money back",
    // What goes back.
    RefundedIsTrue => "refunded: the customer has the money",
    RefundedIsProved => "refunded: only on an entry that names the refund, its sum and final success",
    AcceptedIsNotRefunded => "a refund that was accepted is not reported as refunded",
    RefundFailedIsTrue => "a failed refund: nothing of it is with the customer, and nothing can come",
    RefundFailedIsProved => "a refund fails only on the gateway's word, or on proof that nothing left",
    OwnFailedRefundIsTold => "a payment's own refund that fails is a person's",
    OneRefund => "one refund, one number: what was proved, failed or turned away is not sent again",
    RefundAfterProof => "a payment's own refund follows a proof of payment",
    RefundAfterQuestion => "each repeat of a refund follows a question that did not find it",
    RefundAfterHorizon => "where a number may not be sent again, a repeat waits until the first can no longer arrive",
    NeverTwoPayouts => "never two payouts of one refund",
    NoRefundUnderTakenNumber => "no refund under a number that was taken",
    NoRefundOfPaid => "a payment that was ever paid is not refunded by itself",
    NoUndoOfPaid => "a payment that was ever paid is neither reversed nor closed",
    SettledAfterRefund => "a settlement waits until a refund is through and asked about, or can no longer arrive",
    RefundInBoundedTime => "in bounded time a refund ends, or a person is asked",
    // The gateway's calls.
    CallOnlyAsks => "a call changes no state and no reason, and proves nothing",
    CallIsHeard => "a call about an end that money could still contradict asks at once",
    CallIsKept => "a call while an exchange is out is asked about at the interval, or at once where that was the end",
    CallFindsMoney => "money found after a call about an end is contradicted, and goes back",
    CallFindsNothing => "where a call about an end finds no money, the end stays",
    // Ends.
    EndsStay => "what ended stays ended, unless proof contradicts it",
    ContradictionIsTold => "proof of payment while watched or cleaned up is reported, and stays reported",
    WatchAsksAgain => "a question about an end that nobody answers is asked again, and ends no watch",
    SettledByHandOnly => "settled: only by a person, as the person says, and only from attention",
    SettledAfterReverse => "a settlement waits until a reverse is through and asked about, or can no longer arrive",
    SettledOnceLanded => "what can no longer arrive holds up no settlement",
    // What is sent.
    ChargeOnce => "a charge or creation is sent again only where nothing left or the gateway asks, and never after a restart",
    OneAtATime => "one exchange at a time",
    OnlyWhatItCan => "nothing is asked of a gateway that it cannot do",
    NothingWhileSuspended => "under another account, or none: nothing is sent",
    ReverseAge => "no reverse before its least age, counted anew after a restart",
    ReverseAfterQuestion => "the first reverse follows an undecided answer to a query since the deadline and the restart",
    ReverseAgainAfterQuestion => "each repeat of a reverse or close follows a query",
    CleanedOrWatched => "a failed charge's clean-up ends with the order undone; else it is watched",
    CleaningOnce => "a failed charge is reversed at most once, where the gateway wants it",
    CloseAfterQuestion => "a code that was shown is closed only after an undecided answer since deadline or cancel, or for another code",
    NoUndoWhileUnverified => "no reverse while the newest readable answer fails its signature",
    NoUndoUnderTakenNumber => "no reverse and no close under a number that was taken",
    // Wishes and chance.
    CancelBeforeLeaving => "a cancel before anything may have left fails it at once, or sends nothing",
    CancelWhereItCan => "a cancel is refused where it could not be kept, and heard where it could",
    LateAnswersOnlyHasten => "an answer to an older send, a call about what is at work and a retry change nothing but the time of the next query",
    ShownWhileWanted => "a code is on the screen only until deadline, cancel or restart, and only while it is the order's",
    // Nothing is forgotten.
    NothingForgotten => "a restart finds what may have left, and ends nothing by itself",
    StoredAsItIs => "what is stored is read back as it was",
    NeverStuck => "no state without successor but an end with nothing left to do, or attention",
    WaitsForward => "a wait lies ahead, and a time-out ends its exchange",
    InBoundedTime => "in bounded time an end, or a person is asked",
    APersonCanEnd => "what rests in attention can be settled",
}
