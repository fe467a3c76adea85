-- What a task costs. The same rules as before, in forms that cost less.

-- Ids of Discord by two plain string functions instead of a regular expression: checks of a row run at each of its updates too, and seven regular
-- expressions took half the time of a write.
ALTER TABLE tasks
  DROP CONSTRAINT tasks_guild_id_check, DROP CONSTRAINT tasks_channel_id_check, DROP CONSTRAINT tasks_scope_id_check,
  DROP CONSTRAINT tasks_requester_id_check, DROP CONSTRAINT tasks_interaction_id_check, DROP CONSTRAINT tasks_agent_id_check,
  ADD CONSTRAINT tasks_guild_id_check CHECK (length(guild_id) BETWEEN 17 AND 20 AND translate(guild_id, '0123456789', '') = ''),
  ADD CONSTRAINT tasks_channel_id_check CHECK (length(channel_id) BETWEEN 17 AND 20 AND translate(channel_id, '0123456789', '') = ''),
  ADD CONSTRAINT tasks_scope_id_check CHECK (length(scope_id) BETWEEN 17 AND 20 AND translate(scope_id, '0123456789', '') = ''),
  ADD CONSTRAINT tasks_requester_id_check CHECK (length(requester_id) BETWEEN 17 AND 20 AND translate(requester_id, '0123456789', '') = ''),
  ADD CONSTRAINT tasks_interaction_id_check CHECK (length(interaction_id) BETWEEN 17 AND 20 AND translate(interaction_id, '0123456789', '') = ''),
  ADD CONSTRAINT tasks_agent_id_check CHECK (
    length(agent_id) BETWEEN 1 AND 100 AND translate(agent_id, 'abcdefghijklmnopqrstuvwxyz0123456789_-', '') = '' AND left(agent_id, 1) NOT IN ('_', '-'));

-- Lists of somebody who sees most of a guild: its newest tasks in one walk, instead of one for each of hundreds of channels (find.ts).
CREATE INDEX tasks_guild ON tasks (guild_id, id) INCLUDE (scope_id, status, waiting_for, agent_id, priority, type, requester_id, channel_id)
  WHERE guild_id IS NOT NULL;

-- The hourly sweep reads old history in the order in which it lies on the disk: block ranges serve it and cost the writers nothing.
DROP INDEX audit_events_at;
CREATE INDEX audit_events_at ON audit_events USING brin (at) WITH (pages_per_range = 32);

-- How much of a limit is taken, never less than it really is: counting the tasks themselves for every creation would read up to the whole limit each time.
-- Creations add to `used`; nothing takes away from it. Where it seems to reach the limit, the tasks are counted, under the row's lock, and `used` is set right.
-- Whoever puts a task back (retry, hand-back, rescue) sets `used` to `uncounted`, so that the next creation counts.
CREATE TABLE limit_counts (
  -- queue:<agent>:<guild> or channel:<channel>
  key text PRIMARY KEY,
  used integer NOT NULL
) WITH (fillfactor = 50);

DROP FUNCTION unfinished_of_channel, pending_of_queue, lock_limits;

-- Reserves `wanted` places of each key for the transaction that calls it, and answers how many were taken before. The rows' locks make creations that count
-- against the same limit go one after the other: without that, two could pass it together. Each query of a volatile plpgsql function takes a snapshot of
-- its own, so what others committed before the lock was taken is counted, although the calling statement began earlier. Keys are locked in their order, so no
-- two callers wait for each other. At most `most` tasks are counted. A key is of a queue (agent and guild) or of a channel; the others are null.
CREATE FUNCTION reserve_room(keys text[], agents text[], guilds text[], channels text[], most integer[], wanted integer[])
RETURNS TABLE (reserved_key text, taken integer) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  uncounted CONSTANT integer := 1000000000;
  locked integer;
BEGIN
  IF cardinality(keys) IS NULL OR cardinality(keys) = 0 THEN RETURN; END IF;
  SELECT count(*) INTO locked FROM (SELECT FROM limit_counts c WHERE c.key = ANY (keys) ORDER BY c.key FOR NO KEY UPDATE) l;
  IF locked < cardinality(keys) THEN
    INSERT INTO limit_counts (key, used) SELECT k, uncounted FROM unnest(keys) AS u (k) ORDER BY k ON CONFLICT DO NOTHING;
    PERFORM FROM limit_counts c WHERE c.key = ANY (keys) ORDER BY c.key FOR NO KEY UPDATE;
  END IF;
  UPDATE limit_counts c SET used = CASE WHEN a.channel IS NULL
      THEN (SELECT count(*) FROM (
        SELECT FROM tasks t WHERE t.agent_id = a.agent AND t.guild_id = a.guild AND t.status = 'pending' LIMIT a.at_most) p)
      ELSE (SELECT count(*) FROM (
        SELECT FROM tasks t WHERE t.channel_id = a.channel AND t.status IN ('pending', 'in_progress') LIMIT a.at_most) u)
      END
  FROM unnest(keys, agents, guilds, channels, most, wanted) AS a (k, agent, guild, channel, at_most, n)
  WHERE c.key = ANY (keys) AND c.key = a.k AND c.used > a.at_most - a.n;
  RETURN QUERY
    UPDATE limit_counts c SET used = c.used + a.n FROM unnest(keys, wanted) AS a (k, n)
    WHERE c.key = ANY (keys) AND c.key = a.k RETURNING c.key, c.used - a.n;
END $$;
