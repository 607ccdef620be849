"""Texts that CloudFormation or the CDK would replace.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

import re
from collections.abc import Iterator

from understudy_failover.settings.keys import Location
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.toml_file import walk

RESOLVED = re.compile(r"\{\{\s*resolve\s*:|[$#]\{Token\[", re.IGNORECASE)


def resolved_problems(document: object) -> Iterator[Problem]:
    """Yield a problem for each text with such a reference."""
    for place, value in walk(document):
        if isinstance(value, str) and RESOLVED.search(value):
            yield resolved_problem(place)


def resolved_problem(place: Location | str) -> Problem:
    """Return the problem of a text, without the text: it may refer to a secret."""
    return Problem(
        place,
        "holds a reference that CloudFormation or the CDK replaces by a value",
        "write the value itself",
        "text without {{resolve:…}} and ${Token[…]}",
    )
