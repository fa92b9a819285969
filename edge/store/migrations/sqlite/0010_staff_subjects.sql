-- Whom an identity provider names, for accounts of the desk that are joined by it: a mark, from which nothing is read.

CREATE TABLE staff_subjects (
    mark BLOB NOT NULL PRIMARY KEY,   -- of the provider and its id of the person
    account BLOB NOT NULL UNIQUE REFERENCES staff_accounts (id)
) STRICT;
