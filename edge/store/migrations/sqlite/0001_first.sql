-- All tables of the store. Portable: whole numbers (microseconds, days, weeks since 1970 UTC), bytes, text; no triggers.
-- No column holds a name, address, telephone number, case number, receipt or code in clear: marks are keyed hashes,
-- sealed columns open in the vault alone. Columns named `day` keep the day only.

CREATE TABLE contacts (
    id BLOB NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    language TEXT,
    disposition TEXT,
    day INTEGER NOT NULL,
    began BLOB,                       -- sealed: exact time
    ended BLOB,                       -- sealed: exact time
    wrong_count INTEGER NOT NULL DEFAULT 0,
    caller_counted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX contacts_by_day ON contacts (day);

CREATE TABLE conversations (
    contact BLOB NOT NULL PRIMARY KEY REFERENCES contacts (id),
    sealed BLOB NOT NULL,
    goes_at INTEGER NOT NULL
) STRICT;

CREATE TABLE return_places (
    mark BLOB NOT NULL PRIMARY KEY,   -- under the week's key
    contact BLOB NOT NULL,
    goes_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cases (
    id BLOB NOT NULL PRIMARY KEY,
    number_mark BLOB UNIQUE,          -- of an enrolled number
    number BLOB,                      -- sealed: the enrolled number, for reading feeds
    receipt_mark BLOB UNIQUE,         -- of one's own file
    word_salt BLOB,
    word_mark BLOB,
    case_key BLOB NOT NULL,         -- sealed: the key of all that is kept of the case
    keep_until INTEGER NOT NULL,
    digest BLOB,                      -- keyed, of the newest row of a feed
    is_vanished INTEGER NOT NULL DEFAULT 0,
    first_contact BLOB,               -- the contact that keyed the first of two codes
    first_row INTEGER
) STRICT;
CREATE INDEX cases_by_end ON cases (keep_until);

CREATE TABLE case_versions (
    case_id BLOB NOT NULL REFERENCES cases (id),
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,             -- under the case's key: assertions
    PRIMARY KEY (case_id, version)
) STRICT;

CREATE TABLE card_rows (
    case_id BLOB NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,          -- 1 to 12
    salt BLOB NOT NULL,
    mark BLOB NOT NULL,
    is_used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (case_id, number)
) STRICT;

CREATE TABLE access (
    contact BLOB NOT NULL REFERENCES contacts (id),
    case_id BLOB NOT NULL REFERENCES cases (id),
    goes_at INTEGER NOT NULL,
    PRIMARY KEY (contact, case_id)
) STRICT;
CREATE INDEX access_by_case ON access (case_id);

CREATE TABLE wrongs (
    kind TEXT NOT NULL,               -- number, file, report, caller, site
    mark BLOB NOT NULL,               -- of what was keyed, existing or not
    wrong_count INTEGER NOT NULL,
    since INTEGER,
    last INTEGER,
    in_all INTEGER NOT NULL,          -- since the last opening
    PRIMARY KEY (kind, mark)
) STRICT;

CREATE TABLE caller_contacts (
    mark BLOB NOT NULL,               -- under the week's key
    week INTEGER NOT NULL,
    day INTEGER NOT NULL,
    contact_count INTEGER NOT NULL,
    PRIMARY KEY (mark, day)
) STRICT;

CREATE TABLE known_callers (
    mark BLOB NOT NULL PRIMARY KEY,   -- under the week's key
    week INTEGER NOT NULL
) STRICT;

CREATE TABLE reports (
    mark BLOB NOT NULL PRIMARY KEY,   -- of the report code
    case_id BLOB REFERENCES cases (id),
    sealed BLOB NOT NULL,
    goes_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reports_by_case ON reports (case_id);

CREATE TABLE tasks (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    obligation BLOB NOT NULL UNIQUE,  -- mark of its name
    case_id BLOB REFERENCES cases (id),
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL,              -- open, met, given-up
    lease_until INTEGER,
    quiet_until INTEGER,              -- after an attempt of which nobody knows how it ended
    fencing INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    content BLOB,                     -- sealed
    content_goes_at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT;
CREATE INDEX tasks_by_due ON tasks (state, kind, due_at);
CREATE INDEX tasks_by_case ON tasks (case_id);

CREATE TABLE attempts (
    id BLOB NOT NULL PRIMARY KEY,
    task BLOB NOT NULL REFERENCES tasks (id),
    fencing INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    outcome TEXT                      -- met, again, given-up, unknown; nothing while it is out
) STRICT;
CREATE INDEX attempts_by_task ON attempts (task);

CREATE TABLE figures (
    name TEXT NOT NULL,
    day INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (name, day)
) STRICT;

CREATE TABLE log_entries (
    place INTEGER NOT NULL PRIMARY KEY,
    day INTEGER NOT NULL,
    salt BLOB,                        -- goes with the content
    sealed BLOB,
    commitment BLOB NOT NULL          -- stays
) STRICT;
CREATE INDEX log_entries_by_day ON log_entries (day);

CREATE TABLE log_nodes (
    level INTEGER NOT NULL,           -- 8, 16, 24, ...
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT;

CREATE TABLE log_links (
    place INTEGER NOT NULL PRIMARY KEY REFERENCES log_entries (place),
    contact BLOB,
    case_id BLOB
) STRICT;
CREATE INDEX log_links_by_contact ON log_links (contact);
CREATE INDEX log_links_by_case ON log_links (case_id);
