"""Questions about the user's own deployment and its pipeline; they change nothing."""

import json
import re

from understudy_failover.operations.confirm.context import Context
from understudy_failover.operations.confirm.question import Answer, Question, yes_or_no
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.repair.declared import NotReadyError
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.owner.sources import TEMPLATES
from understudy_failover.settings import SettingsError, load

IMAGE = re.compile(r"image: (?P<name>[a-z0-9/]+):(?P<tag>[^@\s]+)@(?P<digest>sha256:[0-9a-f]{64})")
REGISTRY = "registry-1.docker.io"
MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"


def repair(context: Context) -> Answer:
    if context.settings is None:
        return Answer("open", "needs the settings of a deployment: --settings failover.toml")
    try:
        plan = Deployment(load(context.settings), Reach()).repairs()
    except (SettingsError, NotReadyError) as error:
        return Answer("open", f"needs a deployment in this account: {error}")
    differences = [f"{action.subject}: {action.text}" for action in plan.actions]
    differences += [f"{lost.subject}: {lost.text}" for lost in plan.lost]
    if plan.unseen:
        return Answer("open", f"not compared: {'; '.join(plan.unseen)}")
    return yes_or_no(not differences, "; ".join(differences) or "nothing differs from what was deployed")


def gitlab_image(context: Context) -> Answer:
    template = (TEMPLATES / "gitlab.yml").read_text(encoding="utf-8")
    found = IMAGE.search(template)
    if not found:
        return Answer("open", "the template for GitLab names no image by its digest")
    name = found["name"] if "/" in found["name"] else f"library/{found['name']}"
    asked = context.world.get("auth.docker.io", f"/token?service=registry.docker.io&scope=repository:{name}:pull")
    headers = {"Authorization": f"Bearer {json.loads(asked.body)['token']}", "Accept": MANIFESTS}
    by_digest, by_tag = (
        context.world.get(REGISTRY, f"/v2/{name}/manifests/{wanted}", method="HEAD", headers=headers)
        for wanted in (found["digest"], found["tag"])
    )
    current = by_tag.headers.get("docker-content-digest", "none")
    evidence = f"{found['digest'][:19]}: {by_digest.status}; {found['tag']} is {current[:19]} now"
    return yes_or_no(by_digest.status == 200, evidence)


QUESTIONS = (
    Question("repair", "Does `understudy repair` find nothing to do after a deploy?", repair, 2),
    Question("gitlab-image", "Does the registry have GitLab's image under its digest?", gitlab_image, 1),
)
