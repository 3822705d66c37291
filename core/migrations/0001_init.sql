-- One book: one officer's work under one profile. Comments stand inside the tables so that `.schema` shows them.

CREATE TABLE book (
  -- Exactly one row: what this book is and the counters that must move with its transactions.
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  officer     TEXT NOT NULL,     -- the staff id under which everything here was written
  profile     TEXT NOT NULL,     -- the name of the profile the book was made for
  generation  INTEGER NOT NULL,  -- raised by each run that sends; the vault holds a copy (a restored backup is behind it)
  uid         TEXT NOT NULL      -- 128 random bits in hex, drawn at birth: tells this book from every other, also of the same officer
) STRICT;

CREATE TABLE feed (
  -- What changed last and when, in revisions: one row for each subject, so it never outgrows the book.
  -- A reader asks for everything after the revision it knows; nothing is taken away by reading.
  revision    INTEGER PRIMARY KEY AUTOINCREMENT,
  subject     TEXT NOT NULL UNIQUE   -- 'prospect:42', 'prospects:100-599', 'session:prospect', 'draft:3', 'remote:prospect' …
) STRICT;

CREATE TABLE prospect (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id, never used twice: the lane is 'prospect:<id>' and ProspectClientID is this number
  code        TEXT UNIQUE,           -- the server's code; NULL until the server gave one
  created_at  TEXT NOT NULL,         -- CreateDateClient as 'YYYY-MM-DD hh:mm:ss.000', civil time of the profile's zone; the natural key
  own         INTEGER NOT NULL,      -- 1: created on this tablet (its natural key is ours), 0: first seen in a download
  local       TEXT NOT NULL,         -- JSON: the fields as the officer sees them
  base        TEXT,                  -- JSON: the fields as last agreed with the server; NULL until then
  theirs      TEXT,                  -- JSON: [{field, base, mine, theirs}] of a true conflict that waits for the officer
  server      TEXT,                  -- JSON: what only the server writes (CustServerID, FromSystemID)
  revision    INTEGER NOT NULL,      -- raised by each change of the officer
  acked       INTEGER NOT NULL,      -- the revision that `base` holds
  life        TEXT NOT NULL CHECK (life IN ('live', 'rejected', 'withdrawn', 'gone')),
                                     -- gone: its code is missing from a full download, rejected or moved by someone else
  intent      TEXT CHECK (intent IN ('reject', 'withdraw')),
                                     -- what the officer wants of a create whose outcome is not known yet
  unsent      INTEGER NOT NULL,      -- 1 while an entry of this lane is unsettled; kept with the entry, in the same transaction
  status      TEXT NOT NULL,         -- ProspectStatusID, for the filter
  village     TEXT NOT NULL,         -- VillageID; a branch is a prefix of it
  list_key    TEXT NOT NULL,         -- the list's order: normalised name
  search_key  TEXT NOT NULL,         -- normalised names, phone digits and code, separated by a newline
  khmer_key   TEXT NOT NULL,         -- normalised Khmer name where the list's order is another, and
  phone_key   TEXT NOT NULL          -- the phone's last six digits: what finds the same person at the desk
) STRICT;
CREATE INDEX prospect_created ON prospect (created_at) WHERE own = 1;
-- The list, the filters and the search read this index alone, in order.
CREATE INDEX prospect_list ON prospect (list_key, id, life, unsent, status, village, search_key);
CREATE INDEX prospect_khmer ON prospect (khmer_key) WHERE khmer_key <> '';
CREATE INDEX prospect_phone ON prospect (phone_key) WHERE phone_key <> '';
CREATE INDEX prospect_conflict ON prospect (id) WHERE theirs IS NOT NULL;
CREATE INDEX prospect_unsent ON prospect (list_key, id) WHERE unsent = 1;

CREATE TABLE outbox (
  -- An entry says: this must reach that remote. Its row is never deleted while it is unsettled.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  remote      TEXT NOT NULL,         -- 'prospect', later 'onboarding' …
  lane        TEXT NOT NULL,         -- 'prospect:42': entries of a lane leave in order; local ids only
  verb        TEXT NOT NULL,         -- the remote's own word: 'create', 'update', 'reject'
  effect      TEXT NOT NULL CHECK (effect IN ('replace', 'create', 'once')),
  class       TEXT NOT NULL CHECK (class IN ('small', 'bulk')),
  author      TEXT NOT NULL,         -- whose session it is sent and settled in
  after       INTEGER REFERENCES outbox (id),
  state       TEXT NOT NULL CHECK (state IN
                ('ready', 'sending', 'doubtful', 'asks', 'done', 'refused', 'blocked', 'closed', 'set_aside')),
  attempt     INTEGER NOT NULL DEFAULT 0,  -- how often it was begun to be sent
  body        TEXT,                  -- JSON: what to send, where the row's current state is not it
  sent        TEXT,                  -- JSON: the fields as sent in the last attempt, written with 'sending'
  sent_rev    INTEGER,               -- the row's revision that `sent` holds
  due         INTEGER,               -- steady ms: not before (back-off, next reading)
  since       INTEGER NOT NULL,      -- steady ms of the last move; for 'doubtful': when the socket was closed
  since_wall  INTEGER NOT NULL,      -- the same as unix ms; shown, never decided on
  sent_wall   INTEGER,               -- unix ms of the last attempt's start
  alone       INTEGER NOT NULL DEFAULT 0,  -- 1: got no answer of its own in a batch; sent by itself from then on
  doubts      INTEGER NOT NULL DEFAULT 0,  -- how often it was in doubt; three ask
  resent      INTEGER NOT NULL DEFAULT 0,  -- how often a create went again because a read-back did not find it
  reason      TEXT,                  -- JSON: code and the server's words: why it is where it is
  receipt     TEXT,                  -- JSON: what proved it done; for one that asks, the rows shown with the question
  made_wall   INTEGER NOT NULL       -- unix ms when the entry was made
) STRICT;
CREATE INDEX outbox_open ON outbox (remote, class, state, id) WHERE state NOT IN ('done', 'closed');
CREATE INDEX outbox_after ON outbox (after) WHERE after IS NOT NULL;
CREATE INDEX outbox_lane ON outbox (lane, id);
CREATE INDEX outbox_resent ON outbox (resent) WHERE resent > 0;
CREATE INDEX outbox_settled ON outbox (since_wall) WHERE state IN ('done', 'closed');

CREATE TABLE decision (
  -- Every word of the officer about an entry: who, when, what was shown, what was chosen. Never deleted.
  id          INTEGER PRIMARY KEY,
  entry       INTEGER,
  lane        TEXT NOT NULL,
  officer     TEXT NOT NULL,
  wall        INTEGER NOT NULL,      -- unix ms
  shown       TEXT NOT NULL,         -- JSON
  chosen      TEXT NOT NULL          -- JSON
) STRICT;

CREATE TABLE remote (
  -- What is known about a remote beyond one run.
  id          TEXT PRIMARY KEY,
  natural_key TEXT NOT NULL DEFAULT 'unverified' CHECK (natural_key IN ('unverified', 'verified', 'broken')),
  paused      TEXT,                  -- why sending is paused by hand; NULL: not paused
  trouble     TEXT,                  -- why its last answers were unusable ('settings'); NULL: nothing known against it
  downloaded_wall INTEGER,           -- unix ms when the last complete download was asked for
  digest      TEXT                   -- JSON: that download's counts and digest, for the receipt
) STRICT;

CREATE TABLE session (
  -- The officer's secrets for a remote, kept here so that a worker restarted without a screen can use them.
  remote      TEXT NOT NULL,
  officer     TEXT NOT NULL,
  secrets     TEXT NOT NULL,         -- JSON
  expires_wall INTEGER,              -- unix ms as the app stated; NULL: not known
  refused     INTEGER NOT NULL DEFAULT 0,  -- 1: the server said expired; wait for a new sign-in
  PRIMARY KEY (remote, officer)
) STRICT;

CREATE TABLE taken (
  -- What was taken over from another officer's book: each of its entries once, whatever is handed in again.
  book        TEXT NOT NULL,         -- that book's uid
  entry       INTEGER NOT NULL,      -- the entry's id there
  made_wall   INTEGER NOT NULL,      -- and when it was made, unix ms: a book put back from a backup numbers anew
  prospect    INTEGER NOT NULL,      -- the prospect here
  officer     TEXT NOT NULL,         -- whose it was
  wall        INTEGER NOT NULL,      -- unix ms when it was taken over
  PRIMARY KEY (book, entry, made_wall)
) STRICT;
CREATE INDEX taken_prospect ON taken (prospect);

CREATE TABLE draft (
  -- Half-typed forms: unchecked, never an entry; saving the record removes its draft in the same transaction.
  id          INTEGER PRIMARY KEY,
  about       TEXT NOT NULL UNIQUE,  -- 'new:<form>' or 'prospect:42'
  form        TEXT NOT NULL,         -- JSON as the app gave it
  wall        INTEGER NOT NULL       -- unix ms
) STRICT;

CREATE TABLE staged (
  -- Rows of a download under way that differ from what the book holds. Provisional until the whole reply is good;
  -- what a download that was cut off left is emptied on open.
  download    INTEGER NOT NULL,      -- which download
  seq         INTEGER NOT NULL,
  row         TEXT NOT NULL,         -- JSON: code, fields, server, and the fields it does not speak of
  PRIMARY KEY (download, seq)
) STRICT, WITHOUT ROWID;
