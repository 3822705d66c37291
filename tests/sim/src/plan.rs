//! A schedule's plan: what the officers, the other devices, the weather and misfortune do, and when. All of it from one
//! seed; each item has a seed of its own, so that taking one out changes no other.

mod collection;
mod misfortune;
mod onboarding;
mod traps;

pub use collection::Round;
pub use onboarding::Step;

use crate::call::Mishap;
use misfortune::{batches, crash, misfortune, put_back};
use satchel_sandbox::Fault;
use std::fmt;

/// One thing that will happen.
#[derive(Clone, Debug)]
pub struct Item {
    /// So many ms after the one before it.
    pub gap: i64,
    /// What it draws from.
    pub seed: u64,
    /// Whose book it is about, where it is about one.
    pub officer: usize,
    /// What.
    pub act: Act,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// The officer adds a prospect; like an earlier one if `twin`.
    Add {
        /// The same name and phone as another's.
        twin: bool,
        /// Without a phone: the bank says no to that.
        bare: bool,
    },
    /// She edits one.
    Edit,
    /// She rejects one.
    Reject,
    /// She takes one back.
    Withdraw,
    /// She leaves a form half typed.
    Draft,
    /// She asks for the bank's list.
    Download,
    /// She asks for one record of it.
    DownloadOne,
    /// She answers what is asked.
    Answer,
    /// A background worker of the app sends for so many ms.
    Drain(i64),
    /// The app goes to the background.
    Pause,
    /// And comes back.
    Resume,
    /// She signs in anew.
    SignIn,
    /// She signs out.
    SignOut,
    /// The other officer takes the tablet.
    Switch,
    /// Support pauses the remote, or lets it go on.
    PauseRemote,
    /// A second process of the app opens the book and sends.
    Second(i64),
    /// Another device changes a record at the server.
    Elsewhere,
    /// Another device writes the whole form of a record anew, the name too.
    RewriteElsewhere,
    /// Another device rejects one.
    RejectElsewhere,
    /// Another device adds one.
    AddElsewhere,
    /// Her session ends, at once or after some calls.
    Expire(u64),
    /// The link goes for so many ms.
    NoLink(i64),
    /// The server misbehaves.
    Server(Box<Fault>),
    /// The way there does.
    Wire(Mishap),
    /// It does for the next call that changes something.
    WireOfChange(Mishap),
    /// Somebody does this in the moment in which the tablet hears the answer to a reading.
    AtReply(Box<Act>),
    /// The process dies at the n-th write from now, and starts again after so many ms.
    Kill {
        /// Counted from now; 0: at once.
        write: u64,
        /// ms until it is started again.
        rest: i64,
    },
    /// The power fails at the n-th write from now.
    PowerCut {
        /// Counted from now; 0: at once.
        write: u64,
        /// ms until it is started again.
        rest: i64,
    },
    /// The app is frozen for so many ms.
    Freeze(i64),
    /// The tablet sleeps for so many ms.
    Suspend(i64),
    /// The tablet's wall clock jumps by so many ms.
    Clock(i64),
    /// One write or sync fails.
    Eio(u64),
    /// The disk is full for so many ms.
    FullDisk(i64),
    /// The vault says nothing for so many ms.
    VaultAway(i64),
    /// The tablet's files are copied.
    Backup,
    /// And put back.
    Restore,
    /// Something about people who apply, what the bank asks of them, and their papers.
    Onboarding(Step),
    /// Something about late payers.
    Collection(Round),
}

impl Act {
    /// Whether it is a crash of the process.
    #[must_use]
    pub fn crash(&self) -> bool {
        matches!(self, Act::Kill { .. } | Act::PowerCut { .. })
    }

    /// Whether it is a fault of any other kind.
    #[must_use]
    pub fn fault(&self) -> bool {
        use Act::{
            Clock, Eio, Expire, Freeze, FullDisk, NoLink, Restore, Server, Suspend, VaultAway, Wire,
            WireOfChange,
        };
        matches!(
            self,
            Expire(_)
                | NoLink(_)
                | Server(_)
                | Wire(_)
                | WireOfChange(_)
                | Freeze(_)
                | Suspend(_)
                | Clock(_)
                | Eio(_)
                | FullDisk(_)
                | VaultAway(_)
                | Restore
        )
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Server(fault) => write!(f, "Server({})", serde_json::to_string(fault).unwrap_or_default()),
            other => write!(f, "{other:?}"),
        }
    }
}

/// The weather of a whole schedule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weather {
    /// An ordinary week: a link that comes and goes, an answer lost now and then, a process that is killed.
    Fair,
    /// Everything goes wrong.
    Rough,
    /// And the worst of it: full disks, failing writes, backups put back.
    Foul,
}

/// All of a schedule.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The weather.
    pub weather: Weather,
    /// What happens.
    pub items: Vec<Item>,
    /// The profile's numbers.
    pub profile: Numbers,
    /// The book is made in this schedule: else it was before.
    pub birth: bool,
    /// How many calls of a thousand fail without being planned.
    pub losses: u32,
}

/// What profiles differ in, ms.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// The server's stated lateness.
    pub lateness: u64,
    /// How long a closed connection's data may travel.
    pub transit: u64,
    /// It travels so long on its way, else in front of the server: both would be longer than the profile says.
    pub on_the_way: bool,
    /// A whole call.
    pub total: u64,
    /// The longest wait after failures.
    pub most: u64,
    /// The most entries in one call.
    pub batch: usize,
    /// Absence asks.
    pub absence_asks: bool,
    /// Absence counts so long.
    pub window: u64,
    /// The server cuts the seconds off every natural key.
    pub cuts_keys: bool,
    /// There is onboarding too.
    pub onboards: bool,
    /// There are late payers too.
    pub collects: bool,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Plan {
        let mut r = fastrand::Rng::with_seed(seed ^ 0x5a7c_4e1d);
        let weather = match r.u32(..100) {
            0..15 => Weather::Fair,
            15..85 => Weather::Rough,
            _ => Weather::Foul,
        };
        let mut profile = Numbers::draw(&mut r);
        // Nearly half are short: what a few records show is found sooner with few.
        let short = r.u32(..100) < 40;
        let (adds, others) = if short { (1..4, 1..5) } else { (9..12, 3..8) };
        let mut acts: Vec<Act> = (0..r.usize(adds))
            .map(|_| Act::Add {
                twin: weather != Weather::Fair && r.u32(..12) == 0,
                bare: weather != Weather::Fair && r.u32(..12) == 0,
            })
            .collect();
        acts.extend((0..r.usize(others)).map(|_| everyday(&mut r)));
        let (faults, crashes) = match weather {
            Weather::Fair => (2..5, 1..3),
            _ if short => (2..6, 2..4),
            Weather::Rough => (5..8, 2..4),
            Weather::Foul => (6..9, 2..4),
        };
        acts.extend((0..r.usize(faults)).map(|_| misfortune(&mut r, weather, &profile)));
        acts.extend((0..r.usize(crashes)).map(|_| crash(&mut r)));
        r.shuffle(&mut acts);
        let two = r.u32(..3) == 0;
        let items = acts.into_iter().map(|act| {
            let (gap, seed) = (gap(&mut r), r.u64(..));
            Item { gap, seed, officer: usize::from(two && r.u32(..3) == 0), act }
        });
        let mut items: Vec<_> = items.collect();
        if !short && r.bool() {
            let here = items.len() * r.usize(40..100) / 100;
            village(&mut items, here, r.u64(..));
            if weather != Weather::Fair && profile.batch > 1 && r.u32(..3) > 0 {
                items.insert(
                    1,
                    Item { gap: 0, seed: r.u64(..), officer: 0, act: batches(&mut r, profile.batch) },
                );
            }
        }
        if weather != Weather::Fair && r.u32(..30) == 0 {
            put_back(&mut items, &mut r);
        }
        if weather != Weather::Fair && r.u32(..3) == 0 {
            // Most of the short ones have nothing else in them: nothing else gets in its way.
            if short && r.u32(..4) > 0 {
                items.clear();
            }
            traps::lay(&mut items, &mut r, &mut profile);
        }
        if r.u32(..5) == 0 {
            profile.onboards = true;
            onboarding::lay(&mut items, &mut r, weather, &profile);
        }
        profile.collects = collection::lay(&mut items, seed, weather, &profile);
        let losses = if weather == Weather::Fair { 10 } else { [0, 30, 100][r.usize(..3)] };
        Plan { weather, items, profile, birth: r.u32(..10) == 0, losses }
    }
}

/// The first items happen in a village without signal: what is done there leaves together.
fn village(items: &mut Vec<Item>, here: usize, seed: u64) {
    let stay = items.iter().take(here).map(|item| item.gap).sum();
    items.insert(0, Item { gap: 0, seed, officer: 0, act: Act::NoLink(stay) });
}

impl Numbers {
    fn draw(r: &mut fastrand::Rng) -> Numbers {
        let lateness = [0, 500, 1_500, 4_000][r.usize(..4)];
        Numbers {
            lateness,
            transit: [1_500, 3_000, 5_000][r.usize(..3)],
            on_the_way: r.bool(),
            total: [2_000, 4_000][r.usize(..2)],
            most: [1_500, 4_000, 15_000][r.usize(..3)],
            batch: [1, 3, 50][r.usize(..3)],
            absence_asks: r.u32(..8) == 0,
            window: [(2 * HOUR) as u64, (24 * HOUR) as u64][r.usize(..2)],
            cuts_keys: false,
            onboards: false,
            collects: false,
        }
    }
}

fn gap(r: &mut fastrand::Rng) -> i64 {
    match r.u32(..100) {
        0..50 => r.i64(0..120),
        50..85 => r.i64(0..700),
        85..98 => r.i64(500..3_000),
        _ => r.i64(5_000..20_000),
    }
}

fn everyday(r: &mut fastrand::Rng) -> Act {
    match r.u32(..100) {
        0..31 => Act::Edit,
        31..36 => Act::Reject,
        36..42 => Act::Withdraw,
        42..48 => Act::Draft,
        48..55 => Act::Download,
        55..58 => Act::DownloadOne,
        58..64 => Act::Answer,
        64..68 => Act::Drain(r.i64(3_000..8_000)),
        68..71 => Act::Pause,
        71..75 => Act::Resume,
        75..77 => Act::SignIn,
        77..78 => Act::SignOut,
        78..80 => Act::Switch,
        80..82 => Act::PauseRemote,
        82..92 => Act::Elsewhere,
        92..94 => Act::AddElsewhere,
        _ => Act::Second(r.i64(3_000..8_000)),
    }
}
