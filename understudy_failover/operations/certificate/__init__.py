"""`understudy certificate push|show`: the certificate from your CA to review, and where it has arrived."""

from pathlib import Path
from typing import Any

from understudy_failover.operations import reach
from understudy_failover.operations.certificate.push import push
from understudy_failover.operations.certificate.show import show

FILES = "certificate.pem chain.pem privkey.pem, or fullchain.pem privkey.pem"
PUSH = """\
examples:
  # check, and show what would go where
  understudy certificate push cert.pem chain.pem privkey.pem
  # the same, where a client writes one file
  understudy certificate push fullchain.pem privkey.pem
  # the key from stdin, and do it
  understudy certificate push cert.pem chain.pem - --apply < key.pem
  understudy certificate push --apply \\
      --live-directory /etc/letsencrypt/live/example.com
"""
SHOW = """\
examples:
  understudy certificate show
  understudy certificate show --json | jq .
"""


def add_parser(commands: Any) -> None:
    group = commands.add_parser("certificate", help="push a new certificate, or show where each one is")
    actions = group.add_subparsers(required=True, metavar="push|show")
    push_parser = actions.add_parser(
        "push",
        help="check a certificate, then put its key into Secrets Manager and its public files here",
        description="Checks a certificate with its key, shows what would go where, and with --apply does it: the key "
        "into Secrets Manager, the public files beside failover.toml. Then: understudy diff, cdk deploy --all.",
        epilog=PUSH,
    )
    push_parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help=f"{FILES}; in PEM; privkey.pem may be - for stdin"
    )
    push_parser.add_argument(
        "--live-directory", type=Path, metavar="DIR", help="in place of the files: certbot's /etc/letsencrypt/live/NAME"
    )
    push_parser.add_argument(
        "--apply", action="store_true", help="act; without it the plan is shown and nothing is written"
    )
    push_parser.add_argument(
        "--name", metavar="NAME", help="which of [[certificates]] (default: that of [certificate])"
    )
    push_parser.add_argument(
        "--private-ca",
        action="store_true",
        help="accept an issuer that is none of Mozilla's roots; CloudFront and browsers may refuse it",
    )
    push_parser.set_defaults(run=push)
    show_parser = actions.add_parser(
        "show",
        help="declared, deployed, attached and served certificates, and where they differ",
        description="Shows the certificate that is declared, that IAM has, that the distribution uses, and that the "
        "edge and every server present. Exit code: 0 as declared; 1 one that should be the declared one is not, or is "
        "expired; 3 none of that, but somebody could not be reached.",
        epilog=SHOW,
    )
    show_parser.set_defaults(run=show)
    for action in (push_parser, show_parser):
        action.add_settings_option()
        action.add_argument("--json", action="store_true", help="print one JSON document")
    reach.add_arguments(show_parser)


__all__ = ["add_parser"]
