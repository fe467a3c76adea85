-- Tasks and what belongs to them. Rules of src/tasks/model.ts and states.ts stand here as CHECK constraints,
-- so that no program can store what the service would refuse.

CREATE TABLE batches (
  id uuid PRIMARY KEY,
  interaction_id text UNIQUE,
  guild_id text CHECK (guild_id ~ '^[0-9]{17,20}$'),
  channel_id text NOT NULL CHECK (channel_id ~ '^[0-9]{17,20}$'),
  scope_id text NOT NULL CHECK (scope_id ~ '^[0-9]{17,20}$'),
  requester_id text NOT NULL CHECK (requester_id ~ '^[0-9]{17,20}$'),
  agent_id text NOT NULL CHECK (agent_id ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
  title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
  total integer NOT NULL CHECK (total BETWEEN 1 AND 100),
  -- Tasks that have not ended; the row's lock makes exactly one settlement see it reach 0.
  unfinished integer NOT NULL CHECK (unfinished >= 0),
  -- Times the batch has ended; counts on when a task of it is retried.
  round integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  guild_id text CHECK (guild_id ~ '^[0-9]{17,20}$'),
  channel_id text NOT NULL CHECK (channel_id ~ '^[0-9]{17,20}$'),
  scope_id text NOT NULL CHECK (scope_id ~ '^[0-9]{17,20}$'),
  requester_id text NOT NULL CHECK (requester_id ~ '^[0-9]{17,20}$'),
  interaction_id text CHECK (interaction_id ~ '^[0-9]{17,20}$'),
  batch_id uuid REFERENCES batches (id) ON DELETE CASCADE,
  card_id uuid NOT NULL,
  agent_id text NOT NULL CHECK (agent_id ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
  type text CHECK (char_length(type) BETWEEN 1 AND 50),
  title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
  description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 2000),
  input jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(input) = 'object'),
  metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
  -- Files that came with it.
  input_files smallint NOT NULL DEFAULT 0 CHECK (input_files BETWEEN 0 AND 10),
  -- 0 critical, 1 high, 2 medium, 3 low
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  status text NOT NULL CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  waiting_for text CHECK (waiting_for IN ('hold', 'delay', 'retry', 'needs', 'answer', 'sleep', 'child')),
  attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
  max_retries smallint NOT NULL CHECK (max_retries BETWEEN 0 AND 10),
  recoveries smallint NOT NULL DEFAULT 0 CHECK (recoveries >= 0),
  ttl_seconds integer NOT NULL CHECK (ttl_seconds BETWEEN 300 AND 86400),
  soft_timeout_seconds integer NOT NULL CHECK (soft_timeout_seconds BETWEEN 1 AND 86400),
  hard_timeout_seconds integer NOT NULL CHECK (hard_timeout_seconds BETWEEN 1 AND 86400),
  worker_id uuid,
  -- When it became, or becomes, ready: the order inside a priority.
  ready_at timestamptz NOT NULL DEFAULT now(),
  -- Null: does not expire (held, delayed, or once started).
  expires_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  result jsonb CHECK (jsonb_typeof(result) = 'object'),
  error jsonb CHECK (jsonb_typeof(error) = 'object'),
  score real CHECK (score BETWEEN 0 AND 1),
  revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  CHECK (waiting_for IS NULL OR status = 'pending'),
  CHECK ((status = 'in_progress') = (worker_id IS NOT NULL)),
  CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CHECK (status <> 'in_progress' OR (started_at IS NOT NULL AND attempt > 0)),
  CHECK (soft_timeout_seconds <= hard_timeout_seconds)
) WITH (fillfactor = 70);

-- One task an interaction: the same interaction delivered twice creates once.
CREATE UNIQUE INDEX tasks_interaction ON tasks (interaction_id) WHERE interaction_id IS NOT NULL;
-- Refill of a window, direct claim, place in the queue.
CREATE INDEX tasks_ready ON tasks (agent_id, priority, ready_at, id) WHERE status = 'pending' AND waiting_for IS NULL;
-- Delays and retries that become due.
CREATE INDEX tasks_timed ON tasks (ready_at) WHERE status = 'pending' AND waiting_for IN ('delay', 'retry', 'sleep');
-- Expiry.
CREATE INDEX tasks_expiring ON tasks (expires_at) WHERE status = 'pending' AND expires_at IS NOT NULL;
-- Rescue, stale tasks, running tasks of a worker.
CREATE INDEX tasks_running ON tasks (worker_id) WHERE status = 'in_progress';
-- Queue limit of an agent and guild; agent states; pausing and resuming.
CREATE INDEX tasks_pending ON tasks (agent_id, guild_id) WHERE status = 'pending';
-- Limit of a channel.
CREATE INDEX tasks_unfinished ON tasks (channel_id) WHERE status IN ('pending', 'in_progress');
-- Lists (find.ts, newestFirst): every visible scope is read newest first and merged. Ids are UUIDv7, so their order is the order of creation. The
-- included columns answer every filter but text and metadata from the index alone.
CREATE INDEX tasks_scope ON tasks (scope_id, id) INCLUDE (status, waiting_for, agent_id, priority, type, requester_id, channel_id);
-- Lists of unfinished tasks, and the autocomplete of what can be cancelled or started.
CREATE INDEX tasks_scope_open ON tasks (scope_id, id) WHERE status IN ('pending', 'in_progress');
-- Lists in direct messages.
CREATE INDEX tasks_direct ON tasks (requester_id, id) WHERE guild_id IS NULL;
-- Failed list of a guild, its count, requeue and purge.
CREATE INDEX tasks_failed ON tasks (guild_id, id) WHERE status = 'failed';
-- Lists whose filter matches few of the finished tasks, text search and metadata (history.ts). One index for all of them, and for finished
-- tasks only: it is written once in a task's life, when it ends, and not by creation and claim. Its expression stands in match.ts too (`terms`).
-- The digits of the id name the time of creation: 3.1 days, 4.7 hours and 17.5 minutes (history.ts).
CREATE INDEX tasks_history ON tasks USING gin (
  (to_tsvector('simple'::regconfig, title || ' ' || description) || array_to_tsvector(ARRAY[
    'g' || coalesce(guild_id, ''), 's' || coalesce(guild_id, '') || status, 'a' || coalesce(guild_id, '') || agent_id,
    'p' || coalesce(guild_id, '') || priority, 't' || coalesce(guild_id, '') || coalesce(type, ''), 'r' || coalesce(guild_id, '') || requester_id,
    'c' || channel_id, 'v' || scope_id, 'd' || substr(id::text, 1, 5), 'd' || substr(id::text, 1, 6), 'd' || substr(id::text, 1, 7)
  ])),
  metadata jsonb_path_ops
) WHERE finished_at IS NOT NULL;
-- Statistics of a period, guild by guild.
CREATE INDEX tasks_guild_finished ON tasks (guild_id, finished_at) WHERE finished_at IS NOT NULL;
-- Retention, channel by channel: older than N days, and at most N finished.
CREATE INDEX tasks_channel_finished ON tasks (channel_id, status, finished_at) WHERE finished_at IS NOT NULL;
-- A batch's tasks.
CREATE INDEX tasks_batch ON tasks (batch_id) WHERE batch_id IS NOT NULL;

-- Progress of running tasks: narrow, so that the frequent writes stay small. Removed when the run ends.
CREATE TABLE progress (
  task_id uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
  attempt integer NOT NULL,
  percent smallint NOT NULL CHECK (percent BETWEEN 0 AND 100),
  step text NOT NULL CHECK (char_length(step) <= 100),
  description text NOT NULL CHECK (char_length(description) <= 300),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE task_files (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  -- 0 for files that came with the task, else the run that made it.
  attempt integer NOT NULL CHECK (attempt >= 0),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
  content_type text NOT NULL CHECK (char_length(content_type) <= 255),
  size integer NOT NULL CHECK (size BETWEEN 0 AND 10485760),
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- The files of a task: for its agent, its card, the details, and its removal.
CREATE INDEX task_files_task ON task_files (task_id);

-- The audit history. No foreign key: it outlives its task.
CREATE TABLE audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id uuid,
  guild_id text,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 100),
  event text NOT NULL CHECK (char_length(event) BETWEEN 1 AND 50),
  from_state text,
  to_state text,
  details jsonb NOT NULL DEFAULT '{}'
);
-- The history of a task.
CREATE INDEX audit_events_task ON audit_events (task_id, id) WHERE task_id IS NOT NULL;
-- The hourly sweep of old history.
CREATE INDEX audit_events_at ON audit_events (at);

-- Processes that run tasks. Tasks name their worker; its lease is this one row.
CREATE TABLE workers (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  queues text[] NOT NULL,
  -- Slots by queue, {"sample": {"slots": 10, "running": 2}}
  load jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz NOT NULL
);

-- Pauses of an agent in a guild; guild '' means everywhere.
CREATE TABLE agent_pauses (
  agent_id text NOT NULL CHECK (agent_id ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
  guild_id text NOT NULL CHECK (guild_id = '' OR guild_id ~ '^[0-9]{17,20}$'),
  paused_by text NOT NULL,
  paused_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agent_id, guild_id)
);

-- What is left of removed tasks, by the hour of their end (UTC). Statistics add it to the tasks that still exist. After three days the cleanup adds the
-- hours of a day up in its hour 0.
CREATE TABLE daily_stats (
  day date NOT NULL,
  hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  guild_id text NOT NULL,
  channel_id text NOT NULL,
  requester_id text NOT NULL,
  agent_id text NOT NULL,
  -- '' for tasks without one.
  type text NOT NULL CHECK (char_length(type) <= 50),
  status text NOT NULL CHECK (status IN ('completed', 'failed', 'cancelled')),
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  tasks integer NOT NULL,
  run_seconds double precision NOT NULL,
  score_sum double precision NOT NULL,
  score_count integer NOT NULL,
  PRIMARY KEY (guild_id, day, hour, channel_id, requester_id, agent_id, type, status, priority)
);
-- Hours that are to be added up.
CREATE INDEX daily_stats_hours ON daily_stats (day) WHERE hour > 0;

CREATE TABLE cleanup_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  guild_id text,
  removed jsonb NOT NULL,
  took_ms integer NOT NULL
);

-- Creations that count against the same limits go one after the other: without that, two could pass a limit together. Held until the statement's end.
CREATE FUNCTION lock_limits(keys text[]) RETURNS integer LANGUAGE sql VOLATILE AS $$
  SELECT count(*)::integer FROM (
    SELECT pg_advisory_xact_lock(hashtextextended(k, 7)) FROM (SELECT unnest(keys) AS k ORDER BY 1) o
  ) l
$$;

-- Counts see what was committed before the locks were taken, although the statement began earlier: each query of a volatile plpgsql function
-- takes a snapshot of its own. `locked` is the result of lock_limits, so that it is called first. At most `at_most` rows are counted.
CREATE FUNCTION pending_of_queue(locked integer, agent text, guild text, at_most integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT count(*) FROM (
    SELECT FROM tasks t WHERE t.agent_id = agent AND t.guild_id = guild AND t.status = 'pending' LIMIT at_most) p);
END $$;

CREATE FUNCTION unfinished_of_channel(locked integer, channel text, at_most integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (SELECT count(*) FROM (
    SELECT FROM tasks t WHERE t.channel_id = channel AND t.status IN ('pending', 'in_progress') LIMIT at_most) u);
END $$;
