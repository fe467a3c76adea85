DROP TABLE user_settings, guild_settings, drafts, interaction_claims;
