-- Onboarding: people who apply, what the bank asks of them, and the papers they bring.

CREATE TABLE applicant (
  -- Who applies for a loan, and who applies with her. The first one is the application.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id, never used twice: the lane is 'application:<id>' or 'co_applicant:<id>'
  application INTEGER REFERENCES applicant (id),  -- NULL: the applicant herself; else whose application it is
  prospect    INTEGER,               -- the prospect of this book that became this applicant; no reference: a copy may give its place
  person      TEXT NOT NULL,         -- JSON: what the officer typed
  made_at     TEXT NOT NULL,         -- 'YYYY-MM-DDThh:mm:ss', civil time of the profile's zone; Index of a co-applicant, its own within the application
  revision    INTEGER NOT NULL,      -- raised by each change of the officer
  acked       INTEGER NOT NULL,      -- the revision that the bank has; 0: none
  life        TEXT NOT NULL CHECK (life IN ('live', 'withdrawn')),
  application_id TEXT UNIQUE,        -- the bank's Application_id; NULL until it gave one
  party_id    TEXT                   -- the bank's Party_Id, where it gave one
) STRICT;
CREATE INDEX applicant_application ON applicant (application) WHERE application IS NOT NULL;
CREATE INDEX applicant_prospect ON applicant (prospect) WHERE prospect IS NOT NULL;
CREATE INDEX applicant_party ON applicant (party_id) WHERE party_id IS NOT NULL;

CREATE TABLE action (
  -- What the bank wants to know or to have. Every one it ever listed stays.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id: the lane is 'action:<id>'
  identifier  TEXT NOT NULL UNIQUE,  -- UserActionIdentifier
  place       INTEGER NOT NULL,      -- where it stood in the last list that held it: the views' order
  asked       TEXT NOT NULL,         -- JSON: as it is shown
  raw         TEXT NOT NULL,         -- JSON: as the bank sent it, unknown fields too
  answer      TEXT,                  -- JSON: the officer's answer, never taken away
  revision    INTEGER NOT NULL,      -- raised by each answer
  acked       INTEGER NOT NULL,      -- the revision that the bank has
  life        TEXT NOT NULL CHECK (life IN ('open', 'answered', 'answered_elsewhere', 'gone'))
                                     -- gone: missing from a whole list, and not answered here
) STRICT;

CREATE TABLE document (
  -- A paper for an action. Its bytes are in `chunk`; it is there only once all of them are.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id: the lane is 'document:<id>'
  action      INTEGER NOT NULL REFERENCES action (id),
  client_id   INTEGER NOT NULL UNIQUE,  -- fileClientId: unix ms of its making, its own in this book
  name        TEXT NOT NULL,         -- fileName
  info        TEXT NOT NULL,         -- fileInfo
  mime        TEXT NOT NULL,         -- fileType
  bytes       INTEGER NOT NULL,
  sha256      TEXT NOT NULL,         -- hex, of the bytes as they are sent
  paper       TEXT NOT NULL,         -- JSON: kind, measures before and after, pages, warnings
  thumbnail   BLOB,                  -- a small JPEG for lists
  life        TEXT NOT NULL CHECK (life IN ('live', 'delivered', 'withdrawn')),
  document_id TEXT,                  -- the bank's documentId
  pruned      INTEGER NOT NULL DEFAULT 0,  -- 1: delivered long ago, its chunks are removed or being removed
  made_wall   INTEGER NOT NULL       -- unix ms
) STRICT;
CREATE INDEX document_action ON document (action, id);
CREATE INDEX document_sha256 ON document (sha256);

CREATE TABLE chunk (
  -- A paper's bytes. Without a row in `document` they are of an attaching that was cut off, and are swept on open.
  id          INTEGER PRIMARY KEY,   -- so that salvage finds its rows
  paper       INTEGER NOT NULL,      -- document.id, drawn beforehand; negative: something on its way through
  seq         INTEGER NOT NULL,
  bytes       BLOB NOT NULL,
  UNIQUE (paper, seq)
) STRICT;
