CREATE TABLE transfers (
  sequence        INTEGER PRIMARY KEY,
  id              TEXT    NOT NULL UNIQUE,
  connection      TEXT    NOT NULL,
  company         TEXT    NOT NULL,
  domain          TEXT    NOT NULL,
  scope           TEXT    NOT NULL,
  name            TEXT    NOT NULL,
  size            INTEGER NOT NULL,
  sha256          TEXT    NOT NULL,
  identity        TEXT    NOT NULL,
  mod_time        INTEGER NOT NULL,
  records         INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  state           TEXT    NOT NULL,
  phase           INTEGER NOT NULL,
  bucket          INTEGER NOT NULL,
  origin          TEXT    NOT NULL,
  path            TEXT    NOT NULL,
  from_path       TEXT    NOT NULL,
  file_id         TEXT    NOT NULL,
  upload_url      TEXT    NOT NULL,
  tracking_url    TEXT    NOT NULL,
  result_url      TEXT    NOT NULL,
  creations       INTEGER NOT NULL,
  remote_status   TEXT    NOT NULL,
  progress        REAL,
  result_state    TEXT    NOT NULL,
  result_path     TEXT    NOT NULL,
  refused_records INTEGER NOT NULL,
  problem         TEXT,
  cause           TEXT,
  flags           INTEGER NOT NULL,
  attempts        INTEGER NOT NULL,
  strikes         INTEGER NOT NULL,
  next_attempt    INTEGER NOT NULL,
  sent_at         INTEGER NOT NULL,
  ended_at        INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  -- One line of JSON an entry, appended to. It stands last, so that nothing else is read through a long one.
  timeline        TEXT    NOT NULL
);

-- What a lane or a fetcher has to do next; closed transfers, most of them in the end, cost nothing here.
CREATE INDEX transfers_open ON transfers (connection, scope, phase, sequence) WHERE phase <> 0;
-- Files equal to one that was sent before. A prefix of the hash is enough to find the few rows to compare.
CREATE INDEX transfers_hash ON transfers (substr(sha256, 1, 16));
CREATE INDEX transfers_company ON transfers (company, sequence);
CREATE INDEX transfers_heap ON transfers (bucket, company, sequence) WHERE bucket < 2;
CREATE INDEX transfers_accepted ON transfers (ended_at) WHERE state = 'accepted';

-- How many transfers of a company lie in each heap, kept as they move so that a headline never counts a history.
CREATE TABLE heaps (
  company TEXT    NOT NULL,
  bucket  INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (company, bucket)
) WITHOUT ROWID;

CREATE TRIGGER transfers_added AFTER INSERT ON transfers BEGIN
  INSERT INTO heaps (company, bucket, n) VALUES (new.company, new.bucket, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER transfers_moved AFTER UPDATE OF bucket, company ON transfers
  WHEN old.bucket <> new.bucket OR old.company <> new.company BEGIN
  UPDATE heaps SET n = n - 1 WHERE company = old.company AND bucket = old.bucket;
  INSERT INTO heaps (company, bucket, n) VALUES (new.company, new.bucket, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE lists (
  id          TEXT    NOT NULL PRIMARY KEY,
  connection  TEXT    NOT NULL,
  company     TEXT    NOT NULL,
  scope       TEXT    NOT NULL,
  file_id     TEXT    NOT NULL,
  timestamp   INTEGER NOT NULL,
  path        TEXT    NOT NULL,
  changes     TEXT    NOT NULL,
  received_at INTEGER NOT NULL,
  records     INTEGER NOT NULL,
  added       INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  removed     INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  problem     TEXT
) WITHOUT ROWID;

CREATE INDEX lists_company ON lists (company, id);

CREATE TABLE watermarks (
  connection TEXT    NOT NULL,
  scope      TEXT    NOT NULL,
  file_id    TEXT    NOT NULL,
  timestamp  INTEGER NOT NULL,
  etag       TEXT    NOT NULL,
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (connection, scope)
) WITHOUT ROWID;

CREATE TABLE links (
  connection TEXT    NOT NULL PRIMARY KEY,
  key_state  TEXT    NOT NULL,
  since      INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,
  checked_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE renewals (
  n          INTEGER PRIMARY KEY,
  connection TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  args       TEXT
);

CREATE INDEX renewals_connection ON renewals (connection, n);

CREATE TABLE settings (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
