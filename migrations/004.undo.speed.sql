DROP FUNCTION reserve_room;
DROP TABLE limit_counts;

CREATE FUNCTION lock_limits(keys text[]) RETURNS integer LANGUAGE sql VOLATILE AS $$
  SELECT count(*)::integer FROM (
    SELECT pg_advisory_xact_lock(hashtextextended(k, 7)) FROM (SELECT unnest(keys) AS k ORDER BY 1) o
  ) l
$$;

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

DROP INDEX audit_events_at;
CREATE INDEX audit_events_at ON audit_events (at);

DROP INDEX tasks_guild;

ALTER TABLE tasks
  DROP CONSTRAINT tasks_guild_id_check, DROP CONSTRAINT tasks_channel_id_check, DROP CONSTRAINT tasks_scope_id_check,
  DROP CONSTRAINT tasks_requester_id_check, DROP CONSTRAINT tasks_interaction_id_check, DROP CONSTRAINT tasks_agent_id_check,
  ADD CONSTRAINT tasks_guild_id_check CHECK (guild_id ~ '^[0-9]{17,20}$'),
  ADD CONSTRAINT tasks_channel_id_check CHECK (channel_id ~ '^[0-9]{17,20}$'),
  ADD CONSTRAINT tasks_scope_id_check CHECK (scope_id ~ '^[0-9]{17,20}$'),
  ADD CONSTRAINT tasks_requester_id_check CHECK (requester_id ~ '^[0-9]{17,20}$'),
  ADD CONSTRAINT tasks_interaction_id_check CHECK (interaction_id ~ '^[0-9]{17,20}$'),
  ADD CONSTRAINT tasks_agent_id_check CHECK (agent_id ~ '^[a-z0-9][a-z0-9_-]{0,99}$');
