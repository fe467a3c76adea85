-- What the Discord side must remember between two interactions.

-- An interaction is claimed before it is answered: delivered twice, it acts once (used when Redis is not there).
CREATE TABLE interaction_claims (
  id text PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);
-- The hourly sweep of old claims.
CREATE INDEX interaction_claims_at ON interaction_claims (at);

-- What a person has entered so far of a task that needs another form or a confirmation, or what a list is narrowed by. Files of a draft
-- are kept as Discord's links, which outlive it, and copied when the task is created.
CREATE TABLE drafts (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  draft jsonb NOT NULL,
  expires_at timestamptz NOT NULL
);
-- The hourly sweep of drafts that nobody finished.
CREATE INDEX drafts_expiry ON drafts (expires_at);

CREATE TABLE guild_settings (
  guild_id text PRIMARY KEY CHECK (guild_id ~ '^[0-9]{17,20}$'),
  time_zone text,
  -- Null: the setting of the installation. A server cannot go above that setting, nor set 0 (no limit), which is the operator's alone.
  queue_size integer CHECK (queue_size BETWEEN 100 AND 10000),
  channel_limit integer CHECK (channel_limit BETWEEN 10 AND 1000)
);

CREATE TABLE user_settings (
  user_id text PRIMARY KEY CHECK (user_id ~ '^[0-9]{17,20}$'),
  time_zone text
);
