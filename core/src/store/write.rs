//! The write path: plain functions on a connection. Many jobs, one commit.

use rusqlite::{Connection, Transaction, TransactionBehavior, named_params};

use super::{
    Change, Done, Intent, Job, Stored,
    fault::Fault,
    journal::{self, Head, Row},
    order_number, read, refund,
    row::{Json, Word, metadata},
};
use crate::error::PaywandError;

/// Each job's own answer, and the journal's head as it was committed.
pub(super) type Written = (Vec<Result<Done, Fault>>, Head);

/// Does `jobs` in one commit. An error is the whole commit's, and its outcome is unknown: nothing may be done or told on
/// the strength of it until the database has been opened and read again.
pub(super) fn run(conn: &Connection, jobs: &[Job]) -> Result<Written, Fault> {
    let commit = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    let before = journal::head(&commit)?;
    let mut head = before.clone();
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(run_alone(&commit, job, &mut head)?);
    }
    if head != before {
        journal::set_head(&commit, &head)?;
    }
    commit.commit()?;
    Ok((answers, head))
}

/// Does one job, or nothing of it. The outer error is the whole commit's.
fn run_alone(conn: &Connection, job: &Job, head: &mut Head) -> Result<Result<Done, Fault>, Fault> {
    let mut next = head.clone();
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    let answer = match job {
        Job::Begin(intent) => begin(conn, intent, &mut next),
        Job::Change(change) => apply(conn, change, &mut next),
    };
    match answer {
        Ok(done) => {
            conn.prepare_cached("RELEASE job")?.execute([])?;
            *head = next;
            Ok(Ok(done))
        }
        // SQLite itself ends the transaction on some errors: then there is nothing left to commit.
        Err(fault) if fault.is_of_one_job() && !conn.is_autocommit() => {
            conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
            conn.prepare_cached("RELEASE job")?.execute([])?;
            Ok(Err(fault))
        }
        Err(fault) => Err(fault),
    }
}

fn begin(conn: &Connection, intent: &Intent, head: &mut Head) -> Result<Done, Fault> {
    if let Some(stored) = read::find(conn, &intent.payment.request_key)? {
        return Ok(Done::Existing(Box::new(stored)));
    }
    if let Some(error) = refund::turned_away(conn, &intent.payment)? {
        return Ok(Done::RefundTurnedAway(error));
    }
    let mut payment = intent.payment.clone();
    (payment.order_number, head.order_ms) =
        order_number::next(&intent.order_prefix, payment.created_at_ms, head.order_ms)?;
    let mut stored = Stored {
        seq: 1,
        flow: intent.flow.clone(),
        account: intent.account.clone(),
        code_hash: intent.code_hash.clone().filter(|_| payment.unfinished()),
        payment,
    };
    stored.payment.id = insert(conn, &stored)?;
    journal::append(
        conn,
        head,
        &Row {
            payment_id: stored.payment.id,
            seq: stored.seq,
            at_ms: stored.payment.updated_at_ms,
            time_ms: intent.time_ms,
            state: stored.payment.state.code(),
            event: &intent.event,
            flow: Some(&stored.flow),
        },
    )?;
    Ok(Done::Begun(Box::new(stored)))
}

fn insert(conn: &Connection, stored: &Stored) -> Result<i64, Fault> {
    let payment = &stored.payment;
    conn.prepare_cached(
        "INSERT INTO payment (request_key, gateway, kind, order_number, amount_minor, currency, state, is_final, reason,
             gateway_code, evidence, received_minor, received_currency, paid_at_ms, gateway_order_number, pay_url,
             contradicted, cancel_too_late, acknowledged, follow_up, code_masked, wallet, subject, detail, cashier, store, terminal,
             attach, metadata, settled_by, business_day, created_at_ms, updated_at_ms, seq, flow, account, code_hash,
             unfinished, in_doubt, refundable_minor, refund_of, original)
         VALUES (:request_key, :gateway, :kind, :order_number, :amount_minor, :currency, :state, :is_final, :reason,
             :gateway_code, :evidence, :received_minor, :received_currency, :paid_at_ms, :gateway_order_number, :pay_url,
             :contradicted, :cancel_too_late, :acknowledged, :follow_up, :code_masked, :wallet, :subject, :detail, :cashier, :store,
             :terminal, :attach, :metadata, :settled_by, :business_day, :created_at_ms, :updated_at_ms, :seq, :flow,
             :account, :code_hash, :unfinished, :in_doubt, :refundable_minor, :refund_of, :original)",
    )?
    .execute(named_params! {
        ":request_key": payment.request_key,
        ":gateway": payment.gateway,
        ":kind": Word(payment.kind),
        ":order_number": payment.order_number,
        ":amount_minor": payment.amount.minor,
        ":currency": Word(payment.amount.currency),
        ":state": Word(payment.state),
        ":is_final": payment.is_final,
        ":reason": Word(payment.reason),
        ":gateway_code": payment.gateway_code,
        ":evidence": Word(payment.evidence),
        ":received_minor": payment.received.map(|amount| amount.minor),
        ":received_currency": Word(payment.received.map(|amount| amount.currency)),
        ":paid_at_ms": payment.paid_at_ms,
        ":gateway_order_number": payment.gateway_order_number,
        ":pay_url": payment.pay_url,
        ":contradicted": payment.contradicted,
        ":cancel_too_late": payment.cancel_too_late,
        ":acknowledged": payment.acknowledged,
        ":follow_up": Word(payment.follow_up),
        ":code_masked": payment.code_masked,
        ":wallet": Word(payment.wallet),
        ":subject": payment.texts.subject,
        ":detail": payment.texts.detail,
        ":cashier": payment.texts.cashier,
        ":store": payment.texts.store,
        ":terminal": payment.texts.terminal,
        ":attach": payment.texts.attach,
        ":metadata": metadata(payment),
        ":settled_by": Json(&payment.settled_by),
        ":business_day": payment.business_day,
        ":created_at_ms": payment.created_at_ms,
        ":updated_at_ms": payment.updated_at_ms,
        ":seq": stored.seq,
        ":flow": stored.flow,
        ":account": stored.account,
        ":code_hash": stored.code_hash,
        ":unfinished": payment.unfinished(),
        ":in_doubt": payment.in_doubt(),
        ":refundable_minor": payment.refundable.map(|amount| amount.minor),
        ":refund_of": payment.refund_of.as_ref().map(|original| original.id),
        ":original": Json(&payment.refund_of),
    })?;
    Ok(conn.last_insert_rowid())
}

fn apply(conn: &Connection, change: &Change, head: &mut Head) -> Result<Done, Fault> {
    if update(conn, change)? == 0 {
        return landed_before(conn, change);
    }
    let payment = &change.payment;
    journal::append(
        conn,
        head,
        &Row {
            payment_id: payment.id,
            seq: change.seq,
            at_ms: payment.updated_at_ms,
            time_ms: change.time_ms,
            state: payment.state.code(),
            event: &change.event,
            flow: Some(&change.flow),
        },
    )?;
    Ok(Done::Changed)
}

/// What was asked for (key, gateway, amount, texts, …) never changes, so it is not written again.
fn update(conn: &Connection, change: &Change) -> Result<usize, Fault> {
    let payment = &change.payment;
    Ok(conn
        .prepare_cached(
            "UPDATE payment SET state = :state, is_final = :is_final, reason = :reason, gateway_code = :gateway_code,
                 evidence = :evidence, received_minor = :received_minor, received_currency = :received_currency,
                 paid_at_ms = :paid_at_ms, gateway_order_number = :gateway_order_number, pay_url = :pay_url,
                 contradicted = :contradicted, cancel_too_late = :cancel_too_late,
                 acknowledged = :acknowledged, follow_up = :follow_up,
                 settled_by = :settled_by, updated_at_ms = :updated_at_ms, seq = :seq, flow = :flow,
                 code_hash = iif(:unfinished, code_hash, NULL), unfinished = :unfinished, in_doubt = :in_doubt,
                 refundable_minor = :refundable_minor
             WHERE id = :id AND seq = :seq - 1",
        )?
        .execute(named_params! {
            ":id": payment.id,
            ":state": Word(payment.state),
            ":is_final": payment.is_final,
            ":reason": Word(payment.reason),
            ":gateway_code": payment.gateway_code,
            ":evidence": Word(payment.evidence),
            ":received_minor": payment.received.map(|amount| amount.minor),
            ":received_currency": Word(payment.received.map(|amount| amount.currency)),
            ":paid_at_ms": payment.paid_at_ms,
            ":gateway_order_number": payment.gateway_order_number,
            ":pay_url": payment.pay_url,
            ":contradicted": payment.contradicted,
            ":cancel_too_late": payment.cancel_too_late,
        ":acknowledged": payment.acknowledged,
            ":follow_up": Word(payment.follow_up),
            ":settled_by": Json(&payment.settled_by),
            ":updated_at_ms": payment.updated_at_ms,
            ":seq": change.seq,
            ":flow": change.flow,
            ":unfinished": payment.unfinished(),
            ":in_doubt": payment.in_doubt(),
            ":refundable_minor": payment.refundable.map(|amount| amount.minor),
        })?)
}

/// A change whose commit failed is given again, and may have landed all the same: then there is nothing to write. Any
/// other that does not follow the stored one is refused.
fn landed_before(conn: &Connection, change: &Change) -> Result<Done, Fault> {
    let id = change.payment.id;
    let stored = read::payment(conn, id)?.ok_or(Fault::Job(PaywandError::NoSuchPayment { id }))?;
    if stored.seq == change.seq && stored.flow == change.flow && stored.payment == change.payment {
        return Ok(Done::Changed);
    }
    Err(Fault::Job(PaywandError::StoreUnavailable {
        reason: format!("change {} of payment {id} is out of turn after {}", change.seq, stored.seq),
    }))
}
