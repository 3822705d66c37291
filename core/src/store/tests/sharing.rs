use super::*;
use std::thread;

#[test]
fn two_stores_of_one_book_see_each_other() {
    let tablet = Tablet::new();
    let (one, two) = (tablet.open().unwrap(), tablet.open().unwrap());
    save(&one, "from one").unwrap();
    assert_eq!(count(&two), 1);
    save(&two, "from two").unwrap();
    assert_eq!(count(&one), 2);
    one.lock(Duration::ZERO);
    save(&two, "after the other was locked").unwrap();
    assert_eq!(count(&tablet.open().unwrap()), 3);
}

#[test]
fn two_writers_and_readers_lose_nothing() {
    let tablet = Tablet::new();
    let stores = [tablet.open().unwrap(), tablet.open().unwrap()];
    thread::scope(|s| {
        for store in &stores {
            s.spawn(|| (0..100).for_each(|_| assert!(save(store, "save").is_ok())));
            s.spawn(|| (0..20).for_each(|_| assert!(store.write_bulk(|tx| entry(tx, "bulk")).is_ok())));
            s.spawn(|| {
                let mut last = 0;
                for _ in 0..100 {
                    let now = count(store);
                    assert!(now >= last);
                    last = now;
                }
            });
        }
    });
    assert_eq!(count(&stores[0]), 240);
}

#[test]
fn one_book_opened_by_many_at_once_is_made_once() {
    let tablet = Tablet::new();
    let opened: Vec<_> = thread::scope(|s| {
        let all: Vec<_> = (0..8).map(|_| s.spawn(|| tablet.open())).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let mut stores = 0;
    for store in opened {
        match store {
            Ok(store) => {
                save(&store, "x").unwrap();
                stores += 1;
            }
            Err(e) => assert_eq!(e, Error::NotPossible { why: "being_made" }),
        }
    }
    assert!(stores > 0);
    assert_eq!(count(&tablet.open().unwrap()), stores);
}

#[test]
fn the_lease_is_one_for_all_handles_and_freed_by_dropping_it() {
    let tablet = Tablet::new();
    let (one, two) = (tablet.open().unwrap(), tablet.open().unwrap());
    let lease = one.try_lease().unwrap().unwrap();
    assert!(two.try_lease().unwrap().is_none());
    assert!(one.try_lease().unwrap().is_none());
    assert_eq!(tablet.set_aside(), Err(Error::NotPossible { why: "sending" }));
    drop(lease);
    let lease = two.try_lease().unwrap();
    assert!(lease.is_some() && one.try_lease().unwrap().is_none());
}
