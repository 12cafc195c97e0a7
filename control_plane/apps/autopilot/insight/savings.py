"""What automatic responses saved: time and money."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from control_plane.apps.autopilot.store.insight import read_trend
from control_plane.apps.autopilot.store.settings import read_settings
from services.backends.functions import Functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """What automatic responses saved. The settings say how long a person needs for a ticket, and what an hour costs."""

    first_day: date
    last_day: date
    tickets: int
    automated: int
    """How many of the tickets were answered automatically."""
    minutes_per_ticket: float
    cost_per_hour: float
    hours: float
    cost: float


async def read_savings(
    functions: Functions, tenant: UUID, *, first_day: date, last_day: date, cluster: UUID | None = None
) -> Savings:
    """The savings of some days, of one cluster or of all. Days are in UTC."""
    days = await read_trend(functions, tenant, first_day=first_day, last_day=last_day, cluster=cluster)
    settings = await read_settings(functions, tenant)
    automated = sum(day.automated_count for day in days)
    hours = automated * float(settings.minutes_per_ticket) / 60
    return Savings(
        first_day=first_day, last_day=last_day, tickets=sum(day.total_tickets for day in days), automated=automated,
        minutes_per_ticket=float(settings.minutes_per_ticket), cost_per_hour=float(settings.cost_per_hour),
        hours=round(hours, 2), cost=round(hours * float(settings.cost_per_hour), 2),
    )  # fmt: skip
