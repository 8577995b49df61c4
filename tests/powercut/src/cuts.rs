//! Power cuts: a day is recorded, and every moment of it is one at which the power may go.

use std::{path::Path, sync::Mutex, thread};

use fastrand::Rng;
use tempfile::TempDir;

use crate::{
    check::{self, Failure},
    disk::{DATABASE, Disk, Event, Fault, FileId, Files, Lie},
    image::{Image, Manner, Model},
    record::{Known, Record},
    shop::{self, Day, Shop},
    vfs::Mounted,
};

/// Events that a failure tells of.
const LAST: usize = 12;

/// A day as it went: what the disk held before, what it was asked for, what the store acknowledged.
pub(crate) struct Recording {
    day: Day,
    fault: Option<Fault>,
    base: Files,
    pub(crate) events: Vec<Event>,
    /// Where this day begins among them.
    from: usize,
    record: Record,
    /// Operations that the fault could have met.
    pub(crate) met: u64,
}

/// How cuts went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cuts: u64,
    pub(crate) refused: u64,
    pub(crate) lost: u64,
    /// Refused where the cut came into the very checkpoint that was to make good a failed sync: see `in_repair`.
    pub(crate) in_repair: u64,
    /// The first failure, and how to have it again.
    pub(crate) first: Option<String>,
}

/// What a disk holds before a day, and what is known to be on it.
#[derive(Default)]
pub(crate) struct Before {
    base: Files,
    /// What happened on it since, where the power has never gone.
    events: Vec<Event>,
    /// What a process finds that is started now.
    seen: Image,
    record: Record,
}

impl Before {
    /// An empty folder.
    pub(crate) fn nothing() -> Self {
        Self { record: Record::new(), ..Self::default() }
    }
}

/// A folder in memory, where the system has one: nothing here needs the real disk.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder can be made")
}

impl Recording {
    /// Records `day` on a disk that is well, or tells lies.
    pub(crate) fn of(day: Day, before: Before, lie: Lie, fault: Option<Fault>) -> Result<Self, String> {
        let folder = folder();
        let path = folder.path().canonicalize().map_err(|e| e.to_string())?;
        before.seen.write(&path);
        let from = before.events.len();
        let disk = Disk::new(&path, &before.base, before.events, lie, fault);
        let mounted = Mounted::new(disk.clone());
        let mut shop = Shop::new(day, &path, disk.clone(), before.record);
        let ran = shop.run();
        let record = std::mem::take(&mut shop.record);
        drop((shop, mounted));
        ran.map_err(|why| format!("{why}\n{day:?} {fault:?}"))?;
        check::comes_through(&path, &record.now(), &shop::ports(), true)
            .map_err(|failure| format!("at the end of the day: {failure:?}\n{day:?} {fault:?}"))?;
        Ok(Self { day, fault, base: before.base, events: disk.events(), from, record, met: disk.met() })
    }

    /// Cuts the power after every `each`-th event, in every manner that makes a difference.
    pub(crate) fn cut(&self, each: usize) -> Tally {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let sum = Mutex::new(Tally::default());
        thread::scope(|scope| {
            for nth in 0..threads {
                let sum = &sum;
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    self.walk(|at, model, known| {
                        if at >= self.from && at.is_multiple_of(each) && (at / each) % threads == nth {
                            for manner in self.manners(at, model) {
                                self.one(at, manner, model, &known, &mut tally);
                            }
                        }
                    });
                    sum.lock().expect("no one panics here").add(tally);
                });
            }
        });
        sum.into_inner().expect("no one panics here")
    }

    /// The manners that leave another disk, or another demand on it, than the moment before did.
    fn manners(&self, at: usize, model: &Model<'_>) -> Vec<Manner> {
        let last = at.checked_sub(1).and_then(|last| self.events.get(last));
        let settles = matches!(
            last,
            None | Some(Event::Synced { .. } | Event::SyncFailed { .. } | Event::SyncedFolder | Event::Acknowledged)
        );
        match (model.is_waiting(), settles) {
            (false, _) => vec![Manner::Lost],
            (true, true) => Manner::ALL.to_vec(),
            (true, false) => vec![Manner::Kept, Manner::Torn, Manner::Scattered],
        }
    }

    /// Cuts it at some random moments.
    pub(crate) fn cut_some(&self, count: usize) -> Tally {
        let mut rng = Rng::with_seed(self.day.seed);
        let mut tally = Tally::default();
        self.at(&self.random_moments(count), |at, model, known| {
            self.one(at, Manner::ALL[rng.usize(..Manner::ALL.len())], model, known, &mut tally);
        });
        tally
    }

    /// Cuts it where the most is vouched for and the least is sure: after each mark, and nothing that waits is kept.
    pub(crate) fn cut_after_marks(&self) -> Tally {
        let mut tally = Tally::default();
        self.walk(|at, model, known| {
            if at > 0 && matches!(self.events[at - 1], Event::Marked(_)) {
                self.one(at, Manner::Lost, model, &known, &mut tally);
            }
        });
        tally
    }

    /// Whether a sync has failed before this moment, and the database was not synced since. What the log has lost then, the
    /// checkpoint writes into the database from memory; a cut in its middle leaves neither whole. That is refused, not lost
    /// in silence; SQLite offers no way around it.
    fn in_repair(&self, at: usize) -> bool {
        let database = self.database();
        let done = self.events[..at].iter().rposition(|event| is_sync_of(event, &database)).unwrap_or(0);
        self.events[done..at].iter().any(|event| matches!(event, Event::SyncFailed { .. }))
    }

    /// How often the database itself was synced: the log was moved into it.
    pub(crate) fn checkpoints(&self) -> usize {
        let database = self.database();
        self.events.iter().filter(|event| is_sync_of(event, &database)).count()
    }

    /// The file that the database is, under whichever name it was made.
    fn database(&self) -> Vec<FileId> {
        let made = self.events.iter().filter_map(|event| match event {
            Event::Created { name, id } if name.strip_suffix("-new").unwrap_or(name) == DATABASE => Some(*id),
            _ => None,
        });
        made.collect()
    }

    /// Commits that were asked for and never acknowledged.
    pub(crate) fn unanswered(&self) -> u64 {
        self.record.unanswered
    }

    /// Intents that had landed although their commits failed, and their callers were told that nothing had begun.
    pub(crate) fn landed(&self) -> u64 {
        self.record.landed
    }

    /// Goes through the day, and shows what the disk is and what is known at each moment.
    pub(crate) fn walk(&self, mut moment: impl FnMut(usize, &Model<'_>, Known<'_>)) {
        let mut rng = Rng::with_seed(self.day.seed);
        let mut model = Model::new(&self.base);
        let (mut acknowledged, mut asked) = (0, 0);
        for (at, event) in self.events.iter().enumerate() {
            moment(at, &model, self.record.after(acknowledged, asked));
            model.take(at, event, &mut rng);
            acknowledged += usize::from(*event == Event::Acknowledged);
            asked += usize::from(*event == Event::Asked);
        }
        moment(self.events.len(), &model, self.record.after(acknowledged, asked));
    }

    fn one(&self, at: usize, manner: Manner, model: &Model<'_>, known: &Known<'_>, tally: &mut Tally) {
        let image = model.cut(manner, &mut self.rng(at, manner));
        let folder = folder();
        image.write(folder.path());
        tally.cuts += 1;
        let Err(failure) = check::comes_through(folder.path(), known, &shop::ports(), at.is_multiple_of(8)) else {
            return;
        };
        match failure {
            Failure::Refused(_) if self.in_repair(at) => return tally.in_repair += 1,
            Failure::Refused(_) => tally.refused += 1,
            Failure::Lost(_) => tally.lost += 1,
        }
        tally.first.get_or_insert_with(|| {
            let last: Vec<String> = self.events[at.saturating_sub(LAST)..at].iter().map(shown).collect();
            let (day, fault, last) = (self.day, self.fault, last.join("\n"));
            format!("{failure:?}\n{day:?}, {fault:?}, cut after event {at}, {manner:?}; the last ones:\n{last}")
        });
    }

    fn rng(&self, at: usize, manner: Manner) -> Rng {
        Rng::with_seed(self.day.seed.wrapping_add((at as u64) << 8).wrapping_add(manner as u64))
    }

    /// Disks that cuts at random moments leave, each with what is known of it: to begin another day from.
    pub(crate) fn after_cuts(&self, count: usize) -> Vec<Before> {
        let mut rng = Rng::with_seed(self.day.seed);
        self.at(&self.random_moments(count), |at, model, known| {
            let manner = Manner::ALL[rng.usize(..Manner::ALL.len())];
            let seen = model.cut(manner, &mut self.rng(at, manner));
            let (base, record) = (seen.clone().synced(), Record::following(known));
            Before { base, seen, record, events: Vec::new() }
        })
    }

    /// The disk as it is when the process is killed just before some of its syncs: a process that is started then sees all
    /// that was written, and none of it is durable yet.
    pub(crate) fn after_kills(&self, count: usize) -> Vec<Before> {
        let mut moments: Vec<usize> =
            (0..self.events.len()).filter(|at| matches!(self.events[*at], Event::Synced { .. })).collect();
        self.rng(0, Manner::Kept).shuffle(&mut moments);
        moments.truncate(count);
        self.at(&moments, |at, model, _| {
            let counted = |wanted: &Event| self.events[..at].iter().filter(|event| *event == wanted).count();
            let record = self.record.until(counted(&Event::Acknowledged), counted(&Event::Asked));
            Before { base: self.base.clone(), events: self.events[..at].to_vec(), seen: model.seen(), record }
        })
    }

    fn random_moments(&self, count: usize) -> Vec<usize> {
        let mut rng = Rng::with_seed(self.day.seed);
        (0..count).map(|_| rng.usize(..=self.events.len())).collect()
    }

    fn at<T>(&self, moments: &[usize], mut of: impl FnMut(usize, &Model<'_>, &Known<'_>) -> T) -> Vec<T> {
        let mut all = Vec::new();
        self.walk(|at, model, known| {
            for _ in moments.iter().filter(|moment| **moment == at) {
                all.push(of(at, model, &known));
            }
        });
        all
    }
}

fn is_sync_of(event: &Event, files: &[FileId]) -> bool {
    matches!(event, Event::Synced { id } if files.contains(id))
}

/// An event without its bytes.
fn shown(event: &Event) -> String {
    match event {
        Event::Wrote { id, offset, bytes } => format!("{} bytes at {offset} of file {id} written", bytes.len()),
        Event::Marked(_) => "the mark is written".to_owned(),
        other => format!("{other:?}"),
    }
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.cuts += other.cuts;
        self.refused += other.refused;
        self.lost += other.lost;
        self.in_repair += other.in_repair;
        self.first = self.first.take().or(other.first);
    }

    pub(crate) fn failures(&self) -> u64 {
        self.refused + self.lost
    }
}
