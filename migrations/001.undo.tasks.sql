DROP FUNCTION unfinished_of_channel, pending_of_queue, lock_limits;
DROP TABLE cleanup_runs, daily_stats, agent_pauses, workers, audit_events, task_files, progress, tasks, batches;
