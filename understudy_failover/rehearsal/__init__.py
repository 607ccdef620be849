"""The rehearsal: failover.toml, deployed to the embedded AWS, and outages of its servers."""
