-- Passkeys that people made for their own case in the chat. What is kept shows nobody a case: a mark of the id that the
-- device gave it, and the public half, sealed under the case's key and gone with it.

CREATE TABLE passkeys (
    mark BLOB NOT NULL PRIMARY KEY,   -- of its id
    case_id BLOB NOT NULL REFERENCES cases (id),
    sealed BLOB NOT NULL              -- under the case's key: the public half and its counter
) STRICT;
CREATE INDEX passkeys_by_case ON passkeys (case_id);
