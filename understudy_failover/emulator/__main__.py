"""`python -m understudy_failover.emulator`: the embedded AWS in the foreground, until Ctrl-C."""

import argparse
import signal
import threading

from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.embedded import EmbeddedAws

TEXT = """\
Embedded AWS: running at {rate:g} times real time. State is in memory; Ctrl-C ends it.

Point a shell at it:
  export AWS_ENDPOINT_URL={endpoint_url} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={credentials.access_key} AWS_SECRET_ACCESS_KEY={credentials.secret_key}
  unset AWS_PROFILE AWS_SESSION_TOKEN

Then (deploying failover.toml also needs its hosted zones, private key and servers: `understudy up` makes them all):
  aws iam list-server-certificates
  cdk bootstrap aws://000000000000/us-east-1 && cdk deploy '**'
  dig @{nameserver[0]} -p {nameserver[1]} www.example.com
  understudy verify --name-server {nameserver[0]}:{nameserver[1]} --resolver {resolver[0]}:{resolver[1]} \\
      --proxy {gateway[0]}:{gateway[1]} --ca CA.pem
  curl --proxy http://{gateway[0]}:{gateway[1]} --cacert CA.pem https://www.example.com/
"""


def main() -> None:
    """Run until it is interrupted or terminated."""
    parser = argparse.ArgumentParser(
        prog="python -m understudy_failover.emulator",
        description="Runs the embedded AWS: a stand-in for rehearsals and tests, on loopback only.",
        epilog="`understudy up` also deploys failover.toml to it and starts sample servers.",
    )
    parser.add_argument(
        "--rate",
        type=float,
        default=1.0,
        metavar="N",
        help="emulated seconds per real second: health checks and TTLs run N times faster (default: 1)",
    )
    arguments = parser.parse_args()
    try:
        Clock(arguments.rate)
    except ValueError as error:
        parser.error(f"--rate: {error}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedAws(rate=arguments.rate) as aws:
        print(
            TEXT.format(
                rate=arguments.rate,
                endpoint_url=aws.endpoint_url,
                credentials=aws.credentials,
                nameserver=aws.nameserver,
                resolver=aws.resolver,
                gateway=aws.gateway,
            ),
            flush=True,
        )
        stop.wait()


if __name__ == "__main__":
    main()
