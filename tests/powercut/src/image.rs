//! What a disk may hold after a power cut: what was synced, and of the rest anything.
//!
//! A file's bytes are durable once the file was synced; a name, a rename or a removal once the folder was. Of what waits,
//! each 512-byte sector is kept, dropped or garbage, each change of length and of names kept or dropped.

use std::{collections::BTreeMap, fs, path::Path};

use fastrand::Rng;

use crate::disk::{self, DATABASE, Event, FileId, Files};

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What a cut does to what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// All of it is lost.
    Lost,
    /// All of it is kept.
    Kept,
    /// It is kept up to some moment, and torn there.
    Torn,
    /// A coin for each sector and each name.
    Scattered,
}

impl Manner {
    pub(crate) const ALL: [Self; 4] = [Self::Lost, Self::Kept, Self::Torn, Self::Scattered];
}

/// The files of a folder after a cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    files: Files,
}

/// A file while events are gone through.
#[derive(Default)]
struct Inode<'a> {
    durable: Vec<u8>,
    waiting: Vec<(usize, &'a Event)>,
}

/// The disk while events are gone through.
#[derive(Default)]
pub(crate) struct Model<'a> {
    inodes: BTreeMap<FileId, Inode<'a>>,
    names: BTreeMap<String, FileId>,
    waiting_names: Vec<(usize, &'a Event)>,
    marks: Vec<&'a [u8]>,
}

impl Image {
    /// Its files that SQLite syncs.
    pub(crate) fn synced(self) -> Files {
        disk::lasting(self.files)
    }

    /// Writes it into an empty folder.
    pub(crate) fn write(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).expect("it can be written");
        }
    }
}

impl<'a> Model<'a> {
    /// A disk that holds `base`, whose files are numbered as `Disk::new` does it.
    pub(crate) fn new(base: &Files) -> Self {
        let mut model = Self::default();
        for (id, (name, bytes)) in base.iter().enumerate() {
            model.names.insert(name.clone(), id);
            model.inodes.insert(id, Inode { durable: bytes.clone(), waiting: Vec::new() });
        }
        model
    }

    /// What may be left of it now.
    pub(crate) fn cut(&self, manner: Manner, rng: &mut Rng) -> Image {
        let kept_until = self.kept_until(rng);
        let mut names = self.names.clone();
        for (at, event) in &self.waiting_names {
            let kept = match manner {
                Manner::Lost => false,
                Manner::Kept => true,
                Manner::Torn => *at < kept_until,
                Manner::Scattered => rng.bool(),
            };
            if kept {
                name(&mut names, event);
            }
        }
        let bytes = |id: &FileId, rng: &mut Rng| self.inodes.get(id).map(|inode| inode.cut(manner, kept_until, rng));
        let mut files: Files =
            names.into_iter().map(|(name, id)| (name, bytes(&id, rng).unwrap_or_default())).collect();
        never_synced(&mut files, &self.marks, rng);
        Image { files }
    }

    /// What a process that is started now finds, the power being there.
    pub(crate) fn seen(&self) -> Image {
        let bytes = |id: &FileId| self.inodes.get(id).map(|inode| inode.cut(Manner::Kept, 0, &mut Rng::with_seed(0)));
        let mut names = self.names.clone();
        self.waiting_names.iter().for_each(|(_, event)| name(&mut names, event));
        let files = names.into_iter().map(|(name, id)| (name, bytes(&id).unwrap_or_default()));
        let mark = self.marks.last().map(|mark| (format!("{DATABASE}-head"), mark.to_vec()));
        Image { files: files.chain(mark).collect() }
    }

    /// Whether anything may be lost.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting_names.is_empty() || self.inodes.values().any(|inode| !inode.waiting.is_empty())
    }

    /// One of what waits, or the end of it.
    fn kept_until(&self, rng: &mut Rng) -> usize {
        let waiting = self.inodes.values().flat_map(|inode| &inode.waiting).chain(&self.waiting_names);
        let waiting: Vec<usize> = waiting.map(|(at, _)| *at).collect();
        waiting.get(rng.usize(..=waiting.len())).copied().unwrap_or(usize::MAX)
    }

    /// The next event, the `at`-th.
    pub(crate) fn take(&mut self, at: usize, event: &'a Event, rng: &mut Rng) {
        match event {
            Event::Created { id, .. } => {
                self.inodes.insert(*id, Inode::default());
                self.waiting_names.push((at, event));
            }
            Event::Removed { .. } | Event::Renamed { .. } => self.waiting_names.push((at, event)),
            Event::Wrote { id, .. } | Event::Truncated { id, .. } => {
                self.inodes.entry(*id).or_default().waiting.push((at, event));
            }
            Event::Synced { id } => self.inodes.entry(*id).or_default().sync(),
            // Linux marks what it could not write as written: some of it never will be, whatever a later sync says.
            Event::SyncFailed { id } => self.inodes.entry(*id).or_default().waiting.retain(|_| rng.bool()),
            Event::SyncedFolder => {
                for (_, event) in self.waiting_names.drain(..) {
                    name(&mut self.names, event);
                }
            }
            Event::Marked(bytes) => self.marks.push(bytes),
            Event::Asked | Event::Acknowledged => {}
        }
    }
}

/// One change of names.
pub(crate) fn name(names: &mut BTreeMap<String, FileId>, event: &Event) {
    match event {
        Event::Created { name, id } => drop(names.insert(name.clone(), *id)),
        Event::Removed { name } => drop(names.remove(name)),
        Event::Renamed { from, to } => {
            if let Some(id) = names.remove(from) {
                names.insert(to.clone(), id);
            }
        }
        _ => {}
    }
}

impl Inode<'_> {
    fn sync(&mut self) {
        for (_, event) in self.waiting.drain(..) {
            change(&mut self.durable, event);
        }
    }

    /// Its bytes after a cut.
    fn cut(&self, manner: Manner, kept_until: usize, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for (at, event) in &self.waiting {
            match manner {
                Manner::Lost => {}
                Manner::Kept => change(&mut bytes, event),
                Manner::Torn if *at < kept_until => change(&mut bytes, event),
                Manner::Torn if *at == kept_until => tear(&mut bytes, event, rng),
                Manner::Torn => {}
                Manner::Scattered => scatter(&mut bytes, event, rng),
            }
        }
        bytes
    }
}

/// Does the whole of `event`.
fn change(file: &mut Vec<u8>, event: &Event) {
    match event {
        Event::Wrote { offset, bytes, .. } => put(file, *offset, bytes),
        Event::Truncated { length, .. } => file.resize(*length, 0),
        _ => {}
    }
}

/// Does some whole sectors of it, in order.
fn tear(file: &mut Vec<u8>, event: &Event, rng: &mut Rng) {
    let Event::Wrote { offset, bytes, .. } = event else { return };
    let count = rng.usize(..=sectors(*offset, bytes).count());
    for (at, piece) in sectors(*offset, bytes).take(count) {
        put(file, at, piece);
    }
}

/// Does any part of it, and turns some of the rest into garbage.
fn scatter(file: &mut Vec<u8>, event: &Event, rng: &mut Rng) {
    match event {
        Event::Wrote { offset, bytes, .. } => {
            for (at, piece) in sectors(*offset, bytes) {
                match rng.u8(..16) {
                    0..8 => put(file, at, piece),
                    8 => put(file, at, &garbage(piece.len(), rng)),
                    // The length is there, the bytes are not.
                    9 => put(file, at, &vec![0; piece.len()]),
                    _ => {}
                }
            }
        }
        Event::Truncated { length, .. } if rng.bool() => file.resize(*length, 0),
        _ => {}
    }
}

/// `bytes` cut where the disk's sectors begin.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - offset % SECTOR).min(bytes.len());
    let (head, rest) = bytes.split_at(first);
    let rest = rest.chunks(SECTOR).enumerate().map(move |(n, piece)| (offset + first + n * SECTOR, piece));
    std::iter::once((offset, head)).chain(rest)
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

fn garbage(length: usize, rng: &mut Rng) -> Vec<u8> {
    std::iter::repeat_with(|| rng.u8(..)).take(length).collect()
}

/// Lock, mark and shared memory are written past every sync: each may be gone, torn, or as it was at any earlier moment.
fn never_synced(files: &mut Files, marks: &[&[u8]], rng: &mut Rng) {
    let beside = |suffix: &str| format!("{DATABASE}{suffix}");
    if rng.bool() {
        files.insert(beside("-lock"), Vec::new());
    }
    if rng.u8(..4) == 0 {
        files.insert(beside("-shm"), garbage(32_768, rng));
    }
    let any = |rng: &mut Rng| marks.get(rng.usize(..marks.len().max(1))).map(|mark| mark.to_vec()).unwrap_or_default();
    let mark = match rng.u8(..8) {
        0 => return,
        1 => garbage(72, rng),
        2 => vec![0; 72],
        3 => any(rng),
        4 => {
            // Two versions, torn into one.
            let (mut torn, other) = (any(rng), any(rng));
            let end = rng.usize(..=torn.len().min(other.len()));
            torn[..end].copy_from_slice(&other[..end]);
            torn
        }
        5 => {
            let mut cut = any(rng);
            cut.truncate(rng.usize(..=cut.len()));
            cut
        }
        _ => marks.last().map(|mark| mark.to_vec()).unwrap_or_default(),
    };
    files.insert(beside("-head"), mark);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrote(offset: usize, bytes: &[u8]) -> Event {
        Event::Wrote { id: 0, offset, bytes: bytes.to_vec() }
    }

    fn file(events: &[Event], manner: Manner) -> Option<Vec<u8>> {
        let mut rng = Rng::with_seed(1);
        let mut model = Model::default();
        events.iter().enumerate().for_each(|(at, event)| model.take(at, event, &mut rng));
        let image = model.cut(manner, &mut rng);
        image.files.get("a").cloned()
    }

    #[test]
    fn only_what_was_synced_is_sure_to_be_there() {
        let created = Event::Created { name: "a".to_owned(), id: 0 };
        let mut events = vec![created, wrote(0, b"one")];
        assert_eq!((file(&events, Manner::Lost), file(&events, Manner::Kept)), (None, Some(b"one".to_vec())));
        events.push(Event::SyncedFolder);
        assert_eq!(file(&events, Manner::Lost), Some(Vec::new()), "the name, not the bytes");
        events.extend([Event::Synced { id: 0 }, wrote(1, b"!")]);
        assert_eq!(file(&events, Manner::Lost), Some(b"one".to_vec()));
        assert_eq!(file(&events, Manner::Kept), Some(b"o!e".to_vec()));
        events.extend([Event::Truncated { id: 0, length: 1 }, Event::Removed { name: "a".to_owned() }]);
        assert_eq!((file(&events, Manner::Lost), file(&events, Manner::Kept)), (Some(b"one".to_vec()), None));
    }

    #[test]
    fn a_write_is_torn_at_sectors() {
        let bytes: Vec<u8> = (0..1_500).map(|n| (n % 251) as u8).collect();
        let pieces: Vec<_> = sectors(100, &bytes).collect();
        assert_eq!(
            pieces.iter().map(|(at, piece)| (*at, piece.len())).collect::<Vec<_>>(),
            [(100, 412), (512, 512), (1_024, 512), (1_536, 64)]
        );
        assert_eq!(pieces.iter().flat_map(|(_, piece)| piece.to_vec()).collect::<Vec<u8>>(), bytes);
    }

    #[test]
    fn after_a_failed_sync_a_later_one_proves_nothing() {
        let created = Event::Created { name: "a".to_owned(), id: 0 };
        let mut events = vec![created, Event::SyncedFolder];
        events.extend((0..64).map(|n| wrote(n, b"x")));
        events.extend([Event::SyncFailed { id: 0 }, Event::Synced { id: 0 }]);
        let kept = file(&events, Manner::Lost).expect("it has a name").iter().filter(|byte| **byte == b'x').count();
        assert!((1..64).contains(&kept), "{kept} of 64");
    }
}
