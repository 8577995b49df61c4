//! The tokio shell: executes the driver's commands in order and brings their results back as events.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    BootClock, Command, Driver, End, Event, GatewayClock, Handle, NewPayment, Port, Send, Ticket, Wish,
    kill_point::{after, before, kill_point},
};
use crate::{
    error::PaywandError,
    flow::Time,
    gateway::{Reply, Stamp},
    payment::Payment,
    signer::{Signer, SignerFailed},
    store::{Reader, Writer},
    transport::{Exchange, NotSent, Transport},
    updates::{Board, Notifier},
};

/// Sleeping timers look at the boot clock at least this often: tokio's stand still in deep sleep.
const LONGEST_SLEEP_MS: i64 = 1_000;

/// What the shell is told.
pub(crate) enum Message {
    Begin {
        new: Box<NewPayment>,
        reply: oneshot::Sender<Result<Payment, PaywandError>>,
    },
    Wish {
        id: i64,
        wish: Wish,
        reply: oneshot::Sender<Result<Payment, PaywandError>>,
    },
    Notified {
        gateway: String,
        order_number: String,
        reply: oneshot::Sender<Result<Payment, PaywandError>>,
    },
    Event(Event),
    /// Asks how many payments are at work, and how many calls wait for an answer.
    #[cfg(feature = "kill-points")]
    Count(oneshot::Sender<(usize, usize)>),
    Stop,
}

/// A gateway's way out, and what its answers have told of its clock.
pub(crate) struct Line {
    pub(crate) transport: Transport,
    signer: Option<Signer>,
    clock: GatewayClock,
}

impl Line {
    pub(crate) fn new(transport: Transport, signer: Option<Signer>) -> Self {
        Self { transport, signer, clock: GatewayClock::default() }
    }

    /// The result of `work` without signatures where the keys are elsewhere: for what is written for trial.
    pub(crate) fn unsigned<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.signer {
            Some(signer) => signer.unsigned(work),
            None => work(),
        }
    }

    /// The result of `work`, signed elsewhere where the keys are there.
    pub(crate) async fn signed<T>(&self, work: impl Fn() -> T) -> Result<T, SignerFailed> {
        match &self.signer {
            Some(signer) => signer.signed(work).await,
            None => Ok(work()),
        }
    }
}

/// What the shell works with.
pub(crate) struct Tools {
    pub(crate) ports: Arc<Vec<Port>>,
    pub(crate) lines: Arc<Vec<Line>>,
    pub(crate) writer: Writer,
    pub(crate) reader: Arc<Mutex<Reader>>,
    pub(crate) clock: BootClock,
    pub(crate) board: Arc<Board>,
    pub(crate) notifier: Notifier,
}

/// The shell's loop; ends at [`Message::Stop`], or when every sender is gone.
pub(crate) async fn run(
    mut driver: Driver,
    tools: Tools,
    first: Vec<Command>,
    sender: mpsc::WeakUnboundedSender<Message>,
    mut messages: mpsc::UnboundedReceiver<Message>,
) {
    let mut shell =
        Shell { tools, sender, tickets: HashMap::new(), next_ticket: 0, wakes: HashMap::new(), reopen_at: None };
    shell.execute(first);
    loop {
        let message = match shell.sleep_ms() {
            None => messages.recv().await,
            Some(ms) => {
                let sleep = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
                match tokio::time::timeout(sleep, messages.recv()).await {
                    Ok(message) => message,
                    Err(_) => {
                        shell.wake(&mut driver);
                        continue;
                    }
                }
            }
        };
        let event = match message {
            None | Some(Message::Stop) => break,
            Some(Message::Event(event)) => event,
            #[cfg(feature = "kill-points")]
            Some(Message::Count(reply)) => {
                let _ = reply.send((driver.live(), shell.tickets.len()));
                continue;
            }
            Some(Message::Begin { new, reply }) => Event::Begin { ticket: shell.ticket(reply), new },
            Some(Message::Notified { gateway, order_number, reply }) => {
                Event::Notified { ticket: shell.ticket(reply), gateway, order_number }
            }
            Some(Message::Wish { id, wish, reply }) => Event::Wished { ticket: shell.ticket(reply), id, wish },
        };
        let commands = driver.handle(event, shell.tools.clock.now());
        shell.execute(commands);
        shell.wake(&mut driver);
    }
    shell.tools.board.close();
}

struct Shell {
    tools: Tools,
    sender: mpsc::WeakUnboundedSender<Message>,
    tickets: HashMap<Ticket, oneshot::Sender<Result<Payment, PaywandError>>>,
    next_ticket: Ticket,
    wakes: HashMap<Handle, Time>,
    reopen_at: Option<Time>,
}

impl Shell {
    fn ticket(&mut self, reply: oneshot::Sender<Result<Payment, PaywandError>>) -> Ticket {
        self.next_ticket = self.next_ticket.saturating_add(1);
        self.tickets.insert(self.next_ticket, reply);
        self.next_ticket
    }

    /// How long to sleep at most; none where nothing waits.
    fn sleep_ms(&self) -> Option<i64> {
        let next = self.wakes.values().chain(&self.reopen_at).min()?;
        let now = self.tools.clock.now().time;
        Some(next.0.saturating_sub(now.0).clamp(0, LONGEST_SLEEP_MS))
    }

    /// Reports every time that has come.
    fn wake(&mut self, driver: &mut Driver) {
        let now = self.tools.clock.now();
        let mut due: Vec<(Time, Handle)> =
            self.wakes.iter().filter(|(_, at)| **at <= now.time).map(|(handle, at)| (*at, *handle)).collect();
        due.sort_unstable();
        for (_, handle) in due {
            kill_point("while_waiting");
            self.wakes.remove(&handle);
            let commands = driver.handle(Event::TimeUp { handle }, now);
            self.execute(commands);
        }
        if self.reopen_at.take_if(|at| *at <= now.time).is_some() {
            let commands = driver.handle(Event::ReopenDue, now);
            self.execute(commands);
        }
    }

    fn execute(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Commit { handle, job } => {
                    kill_point("before_commit");
                    let back = self.sender.clone();
                    let done = move |result| {
                        kill_point("after_commit");
                        tell(&back, Event::Committed { handle, result });
                    };
                    self.tools.writer.submit(job, Box::new(done));
                }
                Command::Send(send) => self.send(*send),
                Command::WakeAt { handle, at } => {
                    self.wakes.insert(handle, at);
                }
                Command::Report(payment) => {
                    kill_point("before_report");
                    self.tools.board.publish(&payment);
                    self.tools.notifier.push(*payment);
                    kill_point("after_report");
                }
                Command::Answer { ticket, result } => {
                    if let Some(reply) = self.tickets.remove(&ticket) {
                        // A caller that no longer waits has lost nothing: the payment goes on.
                        let _ = reply.send(result.map(|payment| *payment));
                    }
                    kill_point("after_answer");
                }
                Command::ReopenAt(at) => self.reopen_at = Some(at),
                Command::Reopen => {
                    let back = self.sender.clone();
                    self.tools.writer.reopen(Box::new(move |result| tell(&back, Event::Reopened { result })));
                }
                Command::Find { handle, request_key } => self.find(handle, request_key),
                Command::LookUp { ticket, gateway, order_number, forgotten } => {
                    let (reader, back) = (self.tools.reader.clone(), self.sender.clone());
                    tokio::task::spawn_blocking(move || {
                        let found = reader.lock().unwrap_or_else(PoisonError::into_inner).order(&order_number);
                        let result = found.map(|stored| stored.map(Box::new));
                        tell(&back, Event::LookedUp { ticket, gateway, order_number, forgotten, result });
                    });
                }
            }
        }
    }

    fn find(&self, handle: Handle, request_key: String) {
        let (reader, back) = (self.tools.reader.clone(), self.sender.clone());
        tokio::task::spawn_blocking(move || {
            let found = reader.lock().unwrap_or_else(PoisonError::into_inner).find(&request_key);
            tell(&back, Event::Found { handle, result: found.map(|stored| stored.map(Box::new)) });
        });
    }

    fn send(&self, send: Send) {
        kill_point(before(send.op));
        let (ports, lines) = (self.tools.ports.clone(), self.tools.lines.clone());
        let (clock, back) = (self.tools.clock, self.sender.clone());
        tokio::spawn(async move {
            let (handle, number, op) = (send.handle, send.number, send.op);
            let exchange = tokio::spawn(async move { exchange(&send, &ports, &lines, clock).await });
            // A panic in a reader proves nothing; the payment is asked for.
            let end = exchange.await.unwrap_or(End::NoAnswer("internal"));
            kill_point(after(op));
            tell(&back, Event::Ended { handle, number, end });
        });
    }
}

/// One exchange: stamp, request, answer, reply.
async fn exchange(send: &Send, ports: &[Port], lines: &[Line], clock: BootClock) -> End {
    let not_sent = |why| End::NotSent { device_clock: false, why };
    let (Some(port), Some(line)) = (ports.get(send.port), lines.get(send.port)) else { return not_sent("no_gateway") };
    let Some(nonce) = nonce() else { return not_sent("no_randomness") };
    let stamp = Stamp { nonce, at_ms: line.clock.at_ms(clock.now()) };
    let request = match line.signed(|| send.request(port.gateway.as_ref(), &stamp)).await {
        Ok(Ok(request)) => request,
        Err(SignerFailed) => return not_sent("signer"),
        Ok(Err(error)) => {
            log::error!("{}: {} cannot be written: {}", port.id, send.op.code(), error.field);
            return not_sent("request");
        }
    };
    let end = match line.transport.exchange(request).await {
        Exchange::Answer { response, date_ms } => {
            if let Some(date_ms) = date_ms {
                line.clock.told(date_ms, clock.now());
            }
            let reply = line.signed(|| send.read(port.gateway.as_ref(), &response)).await;
            End::Reply(reply.unwrap_or(Reply::Unproved("signer")))
        }
        Exchange::NotSent(why) => End::NotSent { device_clock: why == NotSent::DeviceClock, why: why.code() },
        Exchange::NoAnswer(why) => End::NoAnswer(why),
    };
    log::debug!("{}: {} of {}: {}", port.id, send.op.code(), send.order.number, outcome_code(&end));
    end
}

fn outcome_code(end: &End) -> &'static str {
    match end {
        End::Reply(reply) => reply.code(),
        End::NotSent { why, .. } | End::NoAnswer(why) => why,
    }
}

/// 32 random letters and digits.
fn nonce() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn tell(sender: &mpsc::WeakUnboundedSender<Message>, event: Event) {
    if let Some(sender) = sender.upgrade() {
        // The shell is gone only after a shutdown; the next start finds what it left.
        let _ = sender.send(Message::Event(event));
    }
}
