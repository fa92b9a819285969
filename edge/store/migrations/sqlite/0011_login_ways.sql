-- By what a login was begun: its own person sees it among their logins. Logins from before this were begun by a passkey
-- or by a provider, which nobody wrote down; they end within a shift.

ALTER TABLE staff_logins ADD COLUMN way TEXT NOT NULL DEFAULT 'passkey';
