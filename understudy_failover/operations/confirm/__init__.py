"""`understudy confirm`: ask AWS what no documentation says.

questions.py    every question; each file `*_questions.py` has one kind
shared.py       hosted zone, distribution and health checks of a run
ledger.py       the resources of a run, recorded before they are created; removal.py removes them
play.py         one run; command.py is the command line
"""
