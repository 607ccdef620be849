"""Texts in the place of which CloudFormation, or the CDK, would put something else.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

import re
from collections.abc import Iterator

from understudy_failover.settings.keys import Location
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.toml_file import walk

RESOLVED = re.compile(r"\{\{\s*resolve\s*:|[$#]\{Token\[", re.IGNORECASE)


def resolved_problems(document: object) -> Iterator[Problem]:
    """Every text with such a reference."""
    for place, value in walk(document):
        if isinstance(value, str) and RESOLVED.search(value):
            yield resolved_problem(place)


def resolved_problem(place: Location | str) -> Problem:
    """Of one. The text is not shown: what it stands for may be a secret."""
    return Problem(
        place,
        "holds a reference that CloudFormation or the CDK puts a value in the place of",
        "write the value itself",
        "text without {{resolve:…}} and ${Token[…]}",
    )
