-- The last calls to the platform about a transfer, one line of JSON each: for whoever looks after the computer. They have a
-- table of their own, so that nothing else is read through them; what is rescued of a damaged journal does without them.
CREATE TABLE exchanges (
  sequence INTEGER PRIMARY KEY,
  lines    TEXT NOT NULL
);

CREATE TRIGGER transfers_unheard AFTER DELETE ON transfers BEGIN
  DELETE FROM exchanges WHERE sequence = old.sequence;
END;
