-- The CRMs: what the book knows of their records. It is what was said to them, for they can hardly be read.

CREATE TABLE crm_object (
  -- A customer, a status, a type … of a CRM. Its code is the book's own word for it, also on the wire.
  id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- local id: the lane is 'crm_object:<id>'
  remote      TEXT NOT NULL,         -- 'vbot' …
  kind        TEXT NOT NULL,         -- 'customer', 'status' …
  code        TEXT NOT NULL,         -- by which the CRM knows it
  drawn       INTEGER NOT NULL,      -- 1: the code is a random one of this book's: nobody else can have it
  fields      TEXT NOT NULL,         -- JSON: as it should be there
  revision    INTEGER NOT NULL,      -- raised by each change
  acked       INTEGER NOT NULL,      -- the revision that the CRM has; 0: none
  life        TEXT NOT NULL CHECK (life IN ('live', 'deleted', 'withdrawn')),
  UNIQUE (remote, kind, code)
) STRICT;
