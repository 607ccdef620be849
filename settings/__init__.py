"""failover.toml → frozen, validated Settings: the only place that reads configuration.

`load` reads the file; `build` takes the same as Python values, for another CDK app (docs/embedding.md). Pure: the
file and the certificate beside it decide everything; no network, clock, environment or look-up.
A wrong file gives one SettingsError with all its problems.
"""

from settings.certificate import PublicCertificate
from settings.document import build
from settings.file import load
from settings.model import HealthCheck, Host, Server, Settings
from settings.notifications import Notifications
from settings.page_folder import STATES, State
from settings.pages import LANGUAGES, HostPage, Page
from settings.report import SettingsError
from settings.tables import CertificateSettings, HostedZone, Timing

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
