"""When people are reminded of a pending approval, and when it is escalated to another role."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from services.approvals import ESCALATION_ROLES
from services.envelope import Risk
from services.guardrails.fields import Document, require_list, require_object, rule_error, with_problem

MAX_DELAY_SECONDS = 30 * 86_400
MAX_REMINDER_STEPS = 10

Seconds = Annotated[
    Annotated[int, Field(ge=1, le=MAX_DELAY_SECONDS)],
    with_problem(f"must be a whole number of seconds from 1 to {MAX_DELAY_SECONDS}"),
]
RoleName = Annotated[
    Annotated[str, Field(pattern=f"^({'|'.join(sorted(ESCALATION_ROLES))})$")],
    with_problem(f"is not a role; use {', '.join(sorted(ESCALATION_ROLES))}"),
]


class ReminderStep(Document):
    """A reminder or an escalation of an approval that has waited for `after_seconds`."""

    after_seconds: Annotated[Seconds, Field(description="Seconds between the request for the approval and this step.")]
    escalate_to: Annotated[
        RoleName | None, Field(description="The role to which the approval is escalated. Leave it out for a reminder.")
    ] = None


Steps = Annotated[
    list[Annotated[ReminderStep, require_object('{"after_seconds": 3600}')]],
    require_list('[{"after_seconds": 3600}]', at_most=MAX_REMINDER_STEPS, of="steps"),
]


class ApprovalReminders(Document):
    """The reminders and escalations of approvals, by risk. A risk that is left out has the steps of `default`."""

    default: Steps = Field(default_factory=list)
    low: Steps = Field(default_factory=list)
    medium: Steps = Field(default_factory=list)
    high: Steps = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        for name in self.model_fields_set:
            steps = getattr(self, name)
            for number, (earlier, later) in enumerate(pairwise(steps), start=1):
                if later.after_seconds <= earlier.after_seconds:
                    path = f"{name}[{number}].after_seconds"
                    raise rule_error("must be later than the step before", at=[path])
        return self


def next_step(approval_reminders: Mapping[str, Any], risk: Risk, taken: int) -> Mapping[str, Any] | None:
    """The step after the first `taken` steps; None if there is none."""
    steps = approval_reminders.get(risk, approval_reminders.get("default", []))
    return steps[taken] if taken < len(steps) else None
