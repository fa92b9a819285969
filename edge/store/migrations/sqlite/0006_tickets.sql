-- Tickets: leave of a person to open their one case, once, to a desk and its deputy until a day; which case is open at
-- which desk; and which report a task is about. A desk's number is no name and no telephone's.

ALTER TABLE staff_accounts ADD COLUMN desk_number INTEGER; -- 100 to 999
ALTER TABLE staff_accounts ADD COLUMN deputy BLOB;
ALTER TABLE staff_accounts ADD COLUMN opened_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_accounts ADD COLUMN opened_count INTEGER NOT NULL DEFAULT 0;
UPDATE staff_accounts SET desk_number = 99 + (SELECT COUNT(*) FROM staff_accounts AS other
    WHERE other.ended_day IS NULL AND other.handle <= staff_accounts.handle) WHERE ended_day IS NULL;
CREATE UNIQUE INDEX staff_accounts_by_desk ON staff_accounts (desk_number);

CREATE TABLE tickets (
    place INTEGER NOT NULL PRIMARY KEY,  -- the order in which they wait; no time of day
    case_id BLOB NOT NULL REFERENCES cases (id),
    account BLOB NOT NULL REFERENCES staff_accounts (id),
    deputy BLOB REFERENCES staff_accounts (id),
    language TEXT NOT NULL,
    left_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    held_by BLOB,
    held_until INTEGER
) STRICT;
CREATE INDEX tickets_by_case ON tickets (case_id);
CREATE INDEX tickets_by_account ON tickets (account);
CREATE INDEX tickets_by_deputy ON tickets (deputy);

CREATE TABLE ticket_openings (
    account BLOB NOT NULL PRIMARY KEY REFERENCES staff_accounts (id),
    mark BLOB NOT NULL,                  -- of the login that opened it
    case_id BLOB NOT NULL REFERENCES cases (id),
    language TEXT NOT NULL,
    until_day INTEGER NOT NULL,
    goes_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_openings_by_case ON ticket_openings (case_id);

ALTER TABLE reports ADD COLUMN task BLOB; -- the task by which a person works on it
CREATE INDEX reports_by_task ON reports (task);
