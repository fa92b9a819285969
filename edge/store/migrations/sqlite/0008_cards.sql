-- Cards are things of their own: one person's, a family's, a representative's. A card of before had its case's id where it
-- now has its own; it keeps that id, with which the marks of its codes were made.

CREATE TABLE cards (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,               -- own, family, representative
    handle TEXT UNIQUE,               -- of a representative's: what the desk calls it, no name
    account BLOB,                     -- which answers for it
    new_day INTEGER NOT NULL DEFAULT 0,   -- clients that were put on it that day
    new_count INTEGER NOT NULL DEFAULT 0,
    halted_day INTEGER                -- the day on which the alarm stopped it
) STRICT;
CREATE INDEX cards_by_account ON cards (account);

CREATE TABLE card_codes (
    card BLOB NOT NULL REFERENCES cards (id),
    number INTEGER NOT NULL,          -- 1 to 12
    salt BLOB NOT NULL,
    mark BLOB NOT NULL,
    is_used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (card, number)
) STRICT;

CREATE TABLE card_cases (
    case_id BLOB NOT NULL REFERENCES cases (id),
    slot INTEGER NOT NULL,            -- 0 the person's own or their family's, 1 to 3 representatives'
    card BLOB NOT NULL REFERENCES cards (id),
    authority TEXT,                   -- of a representative's: person-there, signed-form
    ends_at INTEGER,                  -- of a representative's
    opened_day INTEGER,               -- the last day on which a representative's opened this case
    PRIMARY KEY (case_id, slot)
) STRICT;
CREATE INDEX card_cases_by_card ON card_cases (card);

INSERT INTO cards (id, kind) SELECT DISTINCT case_id, 'own' FROM card_rows;
INSERT INTO card_codes (card, number, salt, mark, is_used) SELECT case_id, number, salt, mark, is_used FROM card_rows;
INSERT INTO card_cases (case_id, slot, card) SELECT DISTINCT case_id, 0, case_id FROM card_rows;
DROP TABLE card_rows;

ALTER TABLE cases ADD COLUMN first_card BLOB; -- of which the first of two codes was
ALTER TABLE access ADD COLUMN by_representative INTEGER NOT NULL DEFAULT 0;

-- How many different cases a caller opened in a key week, or a contact: keyed hashes of both together, never of one alone.
CREATE TABLE breadth (
    mark BLOB NOT NULL,               -- of the caller under the week's key, or the contact
    opened BLOB NOT NULL,
    week INTEGER NOT NULL,
    PRIMARY KEY (mark, opened)
) STRICT;
