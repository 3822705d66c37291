-- Collection: the late payers of an officer's list, and what she records of them.

CREATE TABLE task (
  -- A late payer as the bank listed her last. Every one it ever listed stays.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id
  contract    TEXT NOT NULL UNIQUE,  -- contract_no
  place       INTEGER NOT NULL,      -- where it stood in the last list that held it
  fields      TEXT NOT NULL,         -- JSON: as it is shown
  raw         TEXT NOT NULL,         -- JSON: as the bank sent it, unknown fields too
  search_key  TEXT NOT NULL,         -- normalised names, address, phone digits and contract, separated by a newline
  life        TEXT NOT NULL CHECK (life IN ('listed', 'gone'))  -- gone: missing from a whole list: paid, or another's
) STRICT;

CREATE TABLE collection_result (
  -- What the officer recorded of a late payer: one visit or call each.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id: the lane is 'collection_result:<id>'
  task        INTEGER NOT NULL REFERENCES task (id),
  fields      TEXT NOT NULL,         -- JSON: what the officer typed
  revision    INTEGER NOT NULL,      -- raised by each change of the officer
  life        TEXT NOT NULL CHECK (life IN ('live', 'delivered', 'withdrawn')),
  made_wall   INTEGER NOT NULL       -- unix ms
) STRICT;
CREATE INDEX collection_result_task ON collection_result (task, id);
