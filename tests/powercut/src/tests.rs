//! Small ones of what `powercut` does at length.

use crate::{
    cuts::{Before, Recording, Tally},
    disk::{Event, Fault, FaultKind, Lie},
    faults,
    shop::Day,
};

const DAY: Day = Day { seed: 7, sales: 3, data: 100, reopens_after: 30 };

fn recorded(lie: Lie) -> Recording {
    Recording::of(DAY, Before::nothing(), lie, None).unwrap()
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged() {
    let tally = recorded(Lie::None).cut(3);
    assert!(tally.cuts > 100 && tally.first.is_none(), "{tally:#?}");
}

#[test]
fn a_power_cut_while_it_recovers_from_a_cut_loses_nothing() {
    for before in recorded(Lie::None).after_cuts(2) {
        let again = Recording::of(Day { seed: 8, sales: 4, ..DAY }, before, Lie::None, None).unwrap();
        let tally = again.cut(13);
        assert!(tally.cuts > 10 && tally.first.is_none(), "{tally:#?}");
    }
}

#[test]
fn a_power_cut_while_it_recovers_from_a_kill_loses_nothing() {
    for before in recorded(Lie::None).after_kills(5) {
        let tally = Recording::of(Day { seed: 8, ..DAY }, before, Lie::None, None).unwrap().cut(5);
        assert!(tally.cuts > 10 && tally.first.is_none(), "{tally:#?}");
    }
}

#[test]
fn a_disk_that_lies_is_found_out() {
    for lie in [Lie::Log, Lie::Files, Lie::Folder] {
        let tally = recorded(lie).cut(5);
        assert!(tally.lost > 0, "{lie:?} {tally:#?}");
    }
}

#[test]
fn a_disk_that_fails_in_the_middle_of_a_sale_makes_the_till_neither_lie_nor_lose() {
    let tally = faults::at_every_operation(DAY, 6).unwrap();
    assert!(tally.days > 20 && tally.refused > 0, "{tally:#?}");
    assert!(tally.first.is_none() && tally.cuts.first.is_none(), "{tally:#?}");
}

#[test]
fn a_database_whose_log_could_not_be_switched_on_is_never_used() {
    for from in 0..20 {
        let fault = Fault { kind: FaultKind::Sync, from, count: 1 };
        let events = Recording::of(Day { sales: 1, ..DAY }, Before::nothing(), Lie::None, Some(fault)).unwrap().events;
        // Without the log, SQLite would keep a journal of its own, which opening refuses.
        let journals = |event: &&Event| matches!(event, Event::Created { name, .. } if name == "till.db-journal");
        assert_eq!(events.iter().find(journals), None, "{fault:?}");
    }
}

#[test]
fn an_intent_that_landed_although_its_commit_failed_is_never_sent() {
    let days = (0..30).map(|seed| {
        let never = Fault { kind: FaultKind::Sync, from: u64::MAX, count: 0 };
        let day = Day { seed, sales: 6, ..DAY };
        Recording::of(day, Before::nothing(), Lie::None, Some(never)).unwrap()
    });
    let landed: u64 = days.map(|day| day.landed()).sum();
    assert!(landed > 5, "{landed}");
}

#[test]
fn what_a_failed_sync_has_lost_is_not_built_upon_after_a_restart() {
    let mut sum = Tally::default();
    for (from, count) in (6..26).flat_map(|from| (2..6).map(move |count| (from, count))) {
        let fault = Fault { kind: FaultKind::Sync, from, count };
        // Shut and opened again and again, also while commits fail.
        let day = Day { seed: from * 100 + count, sales: 2, reopens_after: 3, ..DAY };
        sum.add(Recording::of(day, Before::nothing(), Lie::None, Some(fault)).unwrap().cut_after_marks());
    }
    assert!(sum.first.is_none(), "{sum:#?}");
}

#[test]
fn the_database_is_named_before_it_is_used_and_the_folder_synced() {
    let events = recorded(Lie::None).events;
    let named = events.iter().position(|event| matches!(event, Event::Renamed { to, .. } if to == "till.db")).unwrap();
    assert_eq!(events.get(named + 1), Some(&Event::SyncedFolder));
}
