-- When a reminder is due says when a hearing is: the day after. In clear stands the week alone; the exact times are masked
-- under a key of the vault.

ALTER TABLE tasks ADD COLUMN clock BLOB; -- a reminder's exact times, masked
