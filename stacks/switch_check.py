"""The health check of a maintenance switch: an inverted check of its object, read through CloudFront."""

from constructs import Construct

from understudy_failover.contract.health_check_config import switch_config
from understudy_failover.contract.switch import FOR_ALL, REGIONS, switch_key

from .health_check_config import declare_health_check
from .health_gate import GatedCheck


class SwitchCheck(Construct):
    """Healthy while there is no object; every error of S3 or CloudFront counts as no object.

    It requests the distribution's own domain name, which never fails over. Checks of a name use IPv4.

    Route 53 calls a new inverted check unhealthy until it has data, so nothing may depend on this check before
    `HealthGate` has received its results.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, server: str, distribution_domain_name: str) -> None:
        """`server` is a server's name or `FOR_ALL`."""
        super().__init__(scope, id_)
        servers = "all servers" if server == FOR_ALL else server
        self.id_, self.name = id_, f"{app} switch of {servers}"
        self.health_check_id = declare_health_check(
            self,
            self.name,
            switch_config(server, distribution_domain_name),
            f"Healthy while the maintenance switch of {servers} is off (its object does not exist)",
        ).attr_health_check_id
        self._path = f"/{switch_key(server)}"

    def gated(self) -> GatedCheck:
        """Return what a deploy waits for: no checker gets the object.

        Two results, although one changes the status: AWS does not document how many the first status needs.
        """
        return GatedCheck(
            name=self.name,
            health_check_id=self.health_check_id,
            expects="none",
            results=2,
            regions=REGIONS,
            request=f"{self._path} at the distribution",
        )
