"""`python -m understudy_failover`: the same as the command `understudy`."""

import sys

from understudy_failover.cli import main

if __name__ == "__main__":
    sys.exit(main())
