"""Route 53's own figures and ids."""

CLOUDFRONT_HOSTED_ZONE_ID = "Z2FDTNDATAQYW2"
"""The zone of every alias to CloudFront. https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""

HEALTHY_SHARE = 0.18
"""An endpoint is healthy while more than this share of its checkers call it healthy.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""
