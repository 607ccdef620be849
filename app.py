"""Understudy: Route 53 failover from your servers to a CloudFront maintenance page.

failover.toml → Failover → two stacks in us-east-1, where CloudFront and Route 53 have their metrics
(more of each kind for many hosts: docs/scale.md):

<app>-maintenance   server certificate, buckets of page and switches, distribution and its health check. Together,
                    because a new certificate gets a new id, and only within one stack does CloudFormation move
                    the distribution to it before it deletes the old one.
<app>-failover      health checks of servers and switches, the gate, failover record sets per host name. Apart,
                    because servers and host names come and go without touching the page that must be ready.

    cdk synth                               # failover.toml in the working folder, or $UNDERSTUDY_SETTINGS
    cdk synth -c settings=path/to.toml
    cdk deploy --all -c accept_outage=true  # past the gate, in the middle of an outage
"""

from stacks.app import main

if __name__ == "__main__":
    main()
