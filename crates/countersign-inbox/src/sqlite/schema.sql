-- Deliveries. What is written below `seal` is the store's; what is above it is sealed and never changes.
CREATE TABLE countersign_inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
  provider TEXT NOT NULL,
  tenant TEXT,
  event TEXT NOT NULL,
  resource TEXT,
  received_at INTEGER NOT NULL,              -- times are milliseconds since the Unix epoch
  meta BLOB NOT NULL,
  seal BLOB NOT NULL,
  bytes INTEGER,                             -- of the body and the confirmed event; NULL once they are purged
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- 0 ready, 1 claimed, 2 done, 3 dead
  ordered INTEGER NOT NULL DEFAULT 0,        -- 1: waits for older open deliveries about its resource
  waits INTEGER NOT NULL DEFAULT 0,          -- 1: it does so now
  suspect INTEGER NOT NULL DEFAULT 0,        -- 1: is to run alone; 2: runs alone
  attempts INTEGER NOT NULL DEFAULT 0,
  deaths INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  lease BLOB,
  lease_until INTEGER,
  settled_at INTEGER,
  keep_until INTEGER NOT NULL,
  body_until INTEGER,                        -- of what is done and keeps its body
  duplicates INTEGER NOT NULL DEFAULT 0,
  conflicts INTEGER NOT NULL DEFAULT 0,      -- duplicates with another body
  errors TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- Bodies are apart, so that a change of state does not write them again.
CREATE TABLE countersign_inbox_body (
  id INTEGER PRIMARY KEY REFERENCES countersign_inbox (id) ON DELETE CASCADE,
  body BLOB NOT NULL,
  confirmed BLOB
) STRICT;

CREATE INDEX countersign_inbox_due ON countersign_inbox (provider, due_at, id)
  WHERE state = 0 AND waits = 0 AND suspect = 0;
CREATE INDEX countersign_inbox_turns ON countersign_inbox (provider, tenant, due_at, id)
  WHERE state = 0 AND waits = 0 AND suspect = 0;
CREATE INDEX countersign_inbox_suspects ON countersign_inbox (due_at, id) WHERE suspect <> 0;
CREATE INDEX countersign_inbox_leases ON countersign_inbox (lease) WHERE state = 1;
CREATE INDEX countersign_inbox_line ON countersign_inbox (provider, tenant, resource, id, received_at)
  WHERE state IN (0, 1);
CREATE INDEX countersign_inbox_done ON countersign_inbox (keep_until) WHERE state = 2 AND body_until IS NULL;
CREATE INDEX countersign_inbox_kept ON countersign_inbox (body_until) WHERE state = 2 AND body_until IS NOT NULL;
CREATE INDEX countersign_inbox_dead ON countersign_inbox (settled_at) WHERE state = 3;

-- How many rows and bytes there are of each state, so that nothing has to count them.
CREATE TABLE countersign_inbox_totals (
  state INTEGER PRIMARY KEY,
  "rows" INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO countersign_inbox_totals (state) VALUES (0), (1), (2), (3);

CREATE TRIGGER countersign_inbox_added AFTER INSERT ON countersign_inbox BEGIN
  UPDATE countersign_inbox_totals SET "rows" = "rows" + 1, bytes = bytes + ifnull(NEW.bytes, 0)
    WHERE state = NEW.state;
END;
CREATE TRIGGER countersign_inbox_changed AFTER UPDATE OF state, bytes ON countersign_inbox
  WHEN OLD.state <> NEW.state OR OLD.bytes IS NOT NEW.bytes BEGIN
  UPDATE countersign_inbox_totals SET
    "rows" = "rows" + (state = NEW.state) - (state = OLD.state),
    bytes = bytes + (state = NEW.state) * ifnull(NEW.bytes, 0) - (state = OLD.state) * ifnull(OLD.bytes, 0)
    WHERE state IN (OLD.state, NEW.state);
END;
CREATE TRIGGER countersign_inbox_removed AFTER DELETE ON countersign_inbox BEGIN
  UPDATE countersign_inbox_totals SET "rows" = "rows" - 1, bytes = bytes - ifnull(OLD.bytes, 0)
    WHERE state = OLD.state;
END;
