DROP TABLE cleanup_runs, daily_stats, agent_pauses, workers, audit_events, task_files, progress, tasks, batches;
