-- Legal demands: what paper, from whom, when, what was answered. No column says whom one asks for.

CREATE TABLE demands (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    asker TEXT NOT NULL,
    arrived_on TEXT NOT NULL,
    quiet_until TEXT,                 -- not published before this day
    recorded_on TEXT NOT NULL,
    place INTEGER NOT NULL,           -- of its entry in the log
    answer TEXT,
    answered_on TEXT
) STRICT;
