"""`verify`: after a deploy, before trusting it.

finding.py       (in operations) what a check found about one thing
checks.py        all checks, in order; what a check cannot see is a finding, too
deployment.py    answers of AWS's APIs and name servers, each requested once
command.py       the command line, JSON and JUnit

The checks: distribution.py, certificates.py, page.py, answers.py, records.py, dns_answers.py, health.py,
page_health.py, switches.py, account.py.
"""
