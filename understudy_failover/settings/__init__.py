"""failover.toml → frozen, validated Settings: the only place that reads configuration.

`load` reads the file; `build` takes the same as Python values, for another CDK app (docs/embedding.md). Pure: the
file and the certificate beside it decide everything; no network, clock, environment or look-up.
A wrong file gives one SettingsError with all its problems.
"""

from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.document import build
from understudy_failover.settings.file import load
from understudy_failover.settings.model import HealthCheck, Host, Server, Settings
from understudy_failover.settings.notifications import Notifications
from understudy_failover.settings.page_folder import STATES, State
from understudy_failover.settings.pages import LANGUAGES, HostPage, Page
from understudy_failover.settings.report import SettingsError
from understudy_failover.settings.tables import CertificateSettings, HostedZone, Timing

__all__ = [
    "LANGUAGES",
    "STATES",
    "CertificateSettings",
    "HealthCheck",
    "Host",
    "HostPage",
    "HostedZone",
    "Notifications",
    "Page",
    "PublicCertificate",
    "Server",
    "Settings",
    "SettingsError",
    "State",
    "Timing",
    "build",
    "load",
]
