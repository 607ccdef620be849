"""`understudy repair`: puts what somebody changed by hand back to what was deployed.

declared.py       the deployed templates, with their values
compare.py        all comparisons: records.py, checks.py, distribution.py, buckets.py, subscriptions.py, leftovers.py
plan.py           the changes, and what no change in place can repair
command.py        the command line

A deploy does not do this: CloudFormation compares templates, not resources, and finds nothing to change.
"""
