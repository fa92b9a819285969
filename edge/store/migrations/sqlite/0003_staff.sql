-- The people of the desk: accounts by a handle that the operator chose, never a name; their invitations, passkeys and
-- logins. What they hold is kept as keyed hashes; a passkey's public half opens nothing.

CREATE TABLE staff_accounts (
    id BLOB NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    ends_at INTEGER,
    ended_day INTEGER,                -- the day on which it was ended; nothing while it runs
    cards_day INTEGER NOT NULL DEFAULT 0,
    cards_count INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE staff_invites (
    mark BLOB NOT NULL PRIMARY KEY,   -- of what stands in the link
    account BLOB NOT NULL REFERENCES staff_accounts (id),
    goes_at INTEGER NOT NULL
) STRICT;

CREATE TABLE staff_passkeys (
    mark BLOB NOT NULL PRIMARY KEY,   -- of its id
    account BLOB NOT NULL REFERENCES staff_accounts (id),
    credential BLOB NOT NULL,
    public TEXT NOT NULL
) STRICT;
CREATE INDEX staff_passkeys_by_account ON staff_passkeys (account);

CREATE TABLE staff_logins (
    mark BLOB NOT NULL PRIMARY KEY,   -- of what stands in the cookie
    account BLOB NOT NULL REFERENCES staff_accounts (id),
    began_at INTEGER NOT NULL,
    proved_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    goes_at INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_logins_by_account ON staff_logins (account);
