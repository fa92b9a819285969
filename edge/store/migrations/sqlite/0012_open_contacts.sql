-- A line that starts asks which contacts are open: they are found by themselves, however many have ended.

CREATE INDEX contacts_open ON contacts (id) WHERE disposition IS NULL;
