DROP TABLE channel_leases, completions, cards;
