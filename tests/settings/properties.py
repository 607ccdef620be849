"""How the property tests of this folder run."""

from hypothesis import HealthCheck, settings

repeatable = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""The same examples on every run, however slow the machine is."""
