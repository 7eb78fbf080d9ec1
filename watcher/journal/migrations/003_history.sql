-- The numbers of the orders in a file, as a person looks for them: folded, one a line. What is indexed of them and of the
-- names lies in a file of its own; see search.go.
CREATE TABLE numbers (
  sequence INTEGER PRIMARY KEY,
  numbers  TEXT NOT NULL
);

-- A page of a company's history, of all its scopes or of one.
DROP INDEX transfers_company;
CREATE INDEX transfers_scope ON transfers (company, scope, sequence);
-- The ends that are rare, so that a page of them is not looked for among all that went well.
CREATE INDEX transfers_rare ON transfers (company, state, sequence)
  WHERE state IN ('held', 'refused', 'unchecked', 'unknown', 'cancelled');

CREATE TRIGGER transfers_erased AFTER DELETE ON transfers BEGIN
  UPDATE heaps SET n = n - 1 WHERE company = old.company AND bucket = old.bucket;
END;
