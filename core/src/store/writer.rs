//! The one writer thread. Jobs that wait together commit together: one sync for all of them.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
};

use super::{Done, Job, Store};
use crate::error::PaywandError;

/// Most jobs of one commit: bounds how long the first of them waits for the last.
const MOST_JOBS: usize = 128;

type JobDone = Box<dyn FnOnce(Result<Done, PaywandError>) + Send>;
type ReopenDone = Box<dyn FnOnce(Result<(), PaywandError>) + Send>;

enum Order {
    Job(Job, JobDone),
    Reopen(ReopenDone),
}

/// Takes jobs from any thread. Answers are given on the writer thread, after the commit, in the order of the jobs: they
/// must not block. Dropping it ends the thread after what was submitted, and closes the database.
pub(crate) struct Writer {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. Readers are taken from `store` before.
    pub(crate) fn start(store: Store) -> Writer {
        let (orders, inbox) = channel();
        let thread = thread::Builder::new().name("paywand-store".to_owned()).spawn(move || write(store, &inbox));
        // Where no thread can be had, the inbox is gone, and each job is answered so.
        Self { orders: Some(orders), thread: thread.inspect_err(|e| log::error!("no writer thread: {e}")).ok() }
    }

    /// Queues `job`; `done` is called once it is committed, or refused.
    pub(crate) fn submit(&self, job: Job, done: JobDone) {
        if let Err(Order::Job(_, done)) = self.send(Order::Job(job, done)) {
            done(Err(stopped()));
        }
    }

    /// Queues [`Store::reopen`]: after a failed commit, before anything else is written.
    pub(crate) fn reopen(&self, done: ReopenDone) {
        if let Err(Order::Reopen(done)) = self.send(Order::Reopen(done)) {
            done(Err(stopped()));
        }
    }

    fn send(&self, order: Order) -> Result<(), Order> {
        match &self.orders {
            Some(orders) => orders.send(order).map_err(|unsent| unsent.0),
            None => Err(order),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        let Some(thread) = self.thread.take() else { return };
        // An answer may hold the last Writer: a thread cannot wait for itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            log::error!("the writer thread panicked");
        }
    }
}

fn write(mut store: Store, inbox: &Receiver<Order>) {
    let mut next = inbox.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Reopen(done) => done(store.reopen()),
            Order::Job(job, done) => {
                let (mut jobs, mut answers) = (vec![job], vec![done]);
                while jobs.len() < MOST_JOBS && next.is_none() {
                    match inbox.try_recv() {
                        Ok(Order::Job(job, done)) => {
                            jobs.push(job);
                            answers.push(done);
                        }
                        Ok(reopen) => next = Some(reopen),
                        Err(_) => break,
                    }
                }
                for (done, answer) in answers.into_iter().zip(store.run(&jobs)) {
                    done(answer);
                }
            }
        }
        next = next.or_else(|| inbox.recv().ok());
    }
}

fn stopped() -> PaywandError {
    PaywandError::StoreUnavailable { reason: "the writer has stopped".to_owned() }
}
