-- What is not on its way and yet not closed: held, unknown, or ended with a move or a result still owed. With the heap of
-- what is on its way it finds a company's open transfers in order, without a look at those of others.
CREATE INDEX transfers_owing ON transfers (company, sequence) WHERE phase IN (3, 5);
