"""Understudy: Route 53 failover from your servers to a CloudFront maintenance page, declared in one file."""
