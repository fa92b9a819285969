-- A receipt that was keyed without its word: taken back when the right word follows directly in the same contact.

ALTER TABLE wrongs ADD COLUMN half_of BLOB; -- mark of the contact that did, and of its count of wrong tries
ALTER TABLE wrongs ADD COLUMN half_last INTEGER; -- the wrong try on the same receipt before it
