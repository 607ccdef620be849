"""Questions about the user's own deployment and its pipeline; they change nothing."""

from understudy_failover.operations.confirm.context import Context
from understudy_failover.operations.confirm.question import Answer, Question, yes_or_no
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.repair.declared import NotReadyError
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.settings import SettingsError, load


def repair(context: Context) -> Answer:
    if context.settings is None:
        return Answer("open", "needs the settings of a deployment: --settings failover.toml")
    try:
        plan = Deployment(load(context.settings), Reach()).repairs(assets=True)
    except (SettingsError, NotReadyError) as error:
        return Answer("open", f"needs a deployment in this account: {error}")
    differences = [f"{action.subject}: {action.text}" for action in plan.actions]
    differences += [f"{lost.subject}: {lost.text}" for lost in plan.lost]
    if plan.unseen:
        return Answer("open", f"not compared: {'; '.join(plan.unseen)}")
    return yes_or_no(not differences, "; ".join(differences) or "nothing differs from what was deployed")


QUESTIONS = (Question("repair", "Does `understudy repair` find nothing to do after a deploy?", repair, 2),)
