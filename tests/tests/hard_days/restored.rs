//! A backup of the files is put back: what was sent since is not sent again.

use super::*;
use satchel::Decision;
use satchel::Error;
use satchel::prospect::ProspectId;
use satchel::standing::Place as At;
use satchel_tests::tablet::{creates, off_the_minute, person, until};

async fn at(satchel: &Satchel, id: ProspectId, place: At) {
    until("it comes there", || async { satchel.standing(id).await.unwrap().place == place }).await;
}

struct Day {
    bank: Running,
    organisation: Organisation,
    tablet: Shared,
    backup: Vec<(PathBuf, Vec<u8>)>,
    id: ProspectId,
}

/// One prospect was ready when the backup was taken, and is at the bank now. `sent_before`: the book had sent before.
async fn sent_since(sent_before: bool) -> Day {
    let (bank, organisation) = (bank().await, Organisation::new());
    let tablet = Shared::new(&bank, &organisation);
    let satchel = tablet.open("dara").await.unwrap();
    if sent_before {
        off_the_minute().await;
        let first = satchel.add(person("First", "012 000 000"), None).await.unwrap().id;
        goes(&satchel);
        at(&satchel, first, At::AtBank).await;
        satchel.download(None).await.unwrap();
        satchel.pause(std::time::Duration::from_secs(5)).await.unwrap();
    }
    off_the_minute().await;
    let id = satchel.add(person("Sok", "012 000 001"), None).await.unwrap().id;
    satchel.shutdown().await.unwrap();
    let backup = image(&tablet.folder("dara"));

    let satchel = tablet.open("dara").await.unwrap();
    goes(&satchel);
    at(&satchel, id, At::AtBank).await;
    satchel.shutdown().await.unwrap();
    assert_eq!(creates(&bank, "Sok"), 1);
    Day { bank, organisation, tablet, backup, id }
}

/// It is found at the bank, and not made again.
async fn found(day: &Day) {
    let satchel = day.tablet.open("dara").await.unwrap();
    let standing = satchel.standing(day.id).await.unwrap();
    assert_eq!((standing.place, standing.why.as_deref()), (At::InDoubt, Some("restored")));
    goes(&satchel);
    at(&satchel, day.id, At::AtBank).await;
    satchel.shutdown().await.unwrap();
    assert_eq!(creates(&day.bank, "Sok"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_the_same_vault() {
    for sent_before in [false, true] {
        let day = sent_since(sent_before).await;
        put_back(&day.tablet.folder("dara"), &day.backup);
        found(&day).await;
    }
}

/// On another tablet, whose vault was given the key from the escrow and knows nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_key_from_the_escrow() {
    for sent_before in [false, true] {
        let mut day = sent_since(sent_before).await;
        let folder = day.tablet.folder("dara");
        put_back(&folder, &day.backup);
        let escrow = day.backup.iter().find(|(p, _)| p.extension().is_some_and(|e| e == "age")).unwrap();
        let hex = day.organisation.opens(&escrow.1);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let key: Vec<u8> = hex.chunks(2).map(byte).collect();
        let vault = Arc::new(MemoryVault::default());
        let name = folder.file_name().unwrap().to_str().unwrap();
        vault.store(&format!("satchel/{name}/key"), &key).unwrap();
        day.tablet.world = world_with(&day.tablet.profile, vault);
        found(&day).await;
    }
}

/// Vault and all are lost, only an old backup of the files is left: rescue reads it, and a fresh book takes it over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_backup_whose_vault_is_lost() {
    let mut day = sent_since(true).await;
    put_back(&day.tablet.folder("dara"), &day.backup);
    day.tablet.lose_vault();
    assert!(matches!(day.tablet.open("dara").await, Err(Error::KeyLost { unsent: 1, .. })));
    let aside =
        Satchel::set_aside(&day.tablet.world, day.tablet.root.path(), "dara", &day.tablet.profile).unwrap();
    let out = day.organisation.file("out.json");
    assert_eq!(day.organisation.rescue(&["export", aside.to_str().unwrap(), "--plain", &out]).0, 0);
    let export = || Secret::new(fs::read(&out).unwrap());

    let fresh = day.tablet.open("dara").await.unwrap();
    let taken = fresh.take_over(export()).await.unwrap();
    assert_eq!((taken.taken.len(), taken.asks, taken.left.len()), (1, 1, 0), "nothing goes out unasked");
    let asks = fresh.asks().await.unwrap();
    let about = &asks[0].about[0];
    assert_eq!((asks.len(), asks[0].code.as_str()), (1, "handed_over"));
    // The bank's list has it just so: that settles it, nobody need answer.
    fresh.download(None).await.unwrap();
    assert_eq!(fresh.standing(about.record).await.unwrap().place, At::AtBank);
    let late = fresh.decide(vec![about.question], Decision::SendAgain).await;
    assert_eq!(late, Err(Error::NotPossible { why: "settled_meanwhile" }));
    goes(&fresh);
    let again = fresh.take_over(export()).await.unwrap();
    assert_eq!((again.taken, again.asks), (taken.taken, 0));
    let next = fresh.add(person("Next", "012 000 009"), None).await.unwrap().id;
    at(&fresh, next, At::AtBank).await;
    fresh.shutdown().await.unwrap();
    assert_eq!(creates(&day.bank, "Sok"), 1);
}
