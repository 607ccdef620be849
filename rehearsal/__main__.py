"""`python -m rehearsal run|up|preview`: rehearse a failover, leave its stage running, or look at the page alone."""

import signal
import sys

if __name__ == "__main__":
    # Until there is something to clean up, Ctrl-C just ends it: no traceback out of half an import.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rehearsal.command import main

    sys.exit(main())
