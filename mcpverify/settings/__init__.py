"""mcpverify.toml: the targets of a team, and what is expected of each."""
