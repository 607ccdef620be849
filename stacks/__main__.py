"""`python -m understudy_failover.stacks`: what cdk.json of an owner's repository runs."""

from .app import main

if __name__ == "__main__":
    main()
