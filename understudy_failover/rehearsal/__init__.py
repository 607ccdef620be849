"""The rehearsal: the owner's own failover.toml, deployed to the embedded AWS, and an outage played on it."""
