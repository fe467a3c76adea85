DROP TABLE user_settings, guild_settings, draft_files, drafts, interaction_claims;
