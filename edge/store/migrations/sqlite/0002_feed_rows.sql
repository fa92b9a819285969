-- The keys under which the newest feed has an enrolled number, so that a row that cannot be read is not taken for one
-- that is gone.

ALTER TABLE cases ADD COLUMN feed_rows BLOB; -- sealed, under the case's key
-- When a feed last said the same of the case as the newest version: all of that was seen then.
ALTER TABLE cases ADD COLUMN feed_seen_at INTEGER;
