"""The table of faults: ways to break a deployed test bed and put it back, and which checks of `verify` must report."""

from tests.rehearsal.faults import certificates, distribution, health, records, services
from tests.rehearsal.faults.case import Case

CASES: dict[str, Case] = {
    **certificates.CASES,
    **distribution.CASES,
    **records.CASES,
    **health.CASES,
    **services.CASES,
}
