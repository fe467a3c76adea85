-- What Discord is to show and what it shows already. Written in the same transaction as the change it announces.

-- One message per task or batch. `revision` counts visible changes, `shown_revision` what Discord has confirmed.
CREATE TABLE cards (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('task', 'batch')),
  guild_id text,
  channel_id text NOT NULL,
  requester_id text NOT NULL,
  message_id text CHECK (message_id ~ '^[0-9]{17,20}$'),
  revision integer NOT NULL DEFAULT 1,
  shown_revision integer NOT NULL DEFAULT 0,
  -- Progress newer than this is not shown yet.
  shown_progress_at timestamptz,
  -- All its tasks have ended: the final state goes before progress of others.
  final boolean NOT NULL DEFAULT false,
  -- The answer to an interaction is expected to become the card until then; the announcer keeps off.
  reserved_until timestamptz,
  -- Why it can no longer be shown, else null.
  undeliverable text,
  -- Where its message is when that is not the channel: a direct message to the requester.
  at_channel_id text CHECK (at_channel_id ~ '^[0-9]{17,20}$'),
  -- Messages it has had before: with the id it makes the nonce of the next one.
  post_attempt integer NOT NULL DEFAULT 0,
  -- When the next message was first sent; null once its outcome is known.
  post_sent_at timestamptz,
  -- Hash of the body shown, and when: the same body is not sent again.
  shown_hash text,
  shown_at timestamptz,
  -- Run whose files are attached to the message.
  shown_files integer,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- Cards that Discord does not show as they are, channel by channel.
CREATE INDEX cards_due ON cards (channel_id) WHERE revision > shown_revision AND undeliverable IS NULL;

-- "Your task is done": one new message for each end that somebody waits for.
CREATE TABLE completions (
  card_id uuid NOT NULL,
  -- Which end of the card this is: the task's revision at its end, or the batch's round. Different for each end, so that a retried task is told again.
  ending integer NOT NULL,
  task_id uuid,
  guild_id text,
  channel_id text NOT NULL,
  requester_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('completed', 'failed', 'cancelled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  told_at timestamptz,
  message_id text,
  -- channel, direct_message or undeliverable (with the reason)
  told_how text,
  -- When the message was first sent with its nonce: a create whose outcome is unknown is repeated with the same nonce.
  sent_at timestamptz,
  nonce text,
  PRIMARY KEY (card_id, ending)
);
-- Ends that are still to be told, channel by channel, oldest first.
CREATE INDEX completions_due ON completions (channel_id, created_at) WHERE told_at IS NULL;

-- One announcer per channel; `fence` grows with each new holder.
CREATE TABLE channel_leases (
  channel_id text PRIMARY KEY,
  holder uuid NOT NULL,
  fence bigint NOT NULL DEFAULT 1,
  lease_until timestamptz NOT NULL,
  -- The board: the one message that shows progress while many tasks run here.
  board_message_id text,
  -- Nonce of a board that was sent, and when, until its outcome is known.
  board_nonce text,
  board_sent_at timestamptz,
  -- A successor may write from then on (one rate-limit window after the take-over).
  quiet_until timestamptz NOT NULL DEFAULT now()
);
