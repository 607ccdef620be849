"""`understudy import` and `detach`: import hosts that are in use into the failover, and detach them."""
