"""The three queues of the published contract, and the broker that has them."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.errors import SettingsError
from services.tools.amqp import AmqpBroker
from services.validation import plain_problem

_ID = {"type": "string", "format": "uuid"}


@dataclass(frozen=True, slots=True)
class NotificationQueue:
    """One queue, and the message that is sent to it. The names are a published contract."""

    name: str
    setting: str
    """The name of the tenant's setting that has the slug of the tool that sends to the queue."""
    fields: dict[str, Any]
    """The fields of the message, each with its JSON Schema. All are required."""

    @property
    def tool_slug(self) -> str:
        """The slug of the tool that `connect_queues` adds."""
        return f"AUTOPILOT__{self.name}"

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the message: these fields and no others."""
        return {
            "type": "object", "properties": self.fields, "required": list(self.fields), "additionalProperties": False,
        }  # fmt: skip


QUEUES = (
    NotificationQueue(
        "data_source_status",
        "status_tool_slug",
        {
            "type": {"const": "ticket_ingestion"}, "tenant_id": _ID, "user_id": {"type": ["string", "null"]},
            "ingestion_run_id": _ID, "status": {"type": "string"}, "records_processed": {"type": "integer"},
        },
    ),
    NotificationQueue(
        "cluster_notification",
        "cluster_tool_slug",
        {"type": {"type": "string"}, "tenant_id": _ID, "cluster_id": _ID, "action": {"type": "string"}},
    ),
    NotificationQueue(
        "enrichment_notification",
        "enrichment_tool_slug",
        {
            "type": {"type": "string"}, "tenant_id": _ID, "cluster_id": _ID,
            "kb_status": {"enum": ["PENDING", "FOUND", "GAP"]}, "articles_count": {"type": "integer"},
        },
    ),
)  # fmt: skip
REJECTED = "autopilot_rejected"
"""The queue of messages that belong to no tenant of ours. They are kept for the operator."""


class QueueSettings(BaseSettings):
    """The settings of the three queues."""

    model_config = SettingsConfigDict(
        env_prefix="ACP_AUTOPILOT_", env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True
    )

    broker: str | None = None
    """The broker of ACP_AMQP_BROKERS whose queues are read. None: no queue is read."""
    amqp_brokers: dict[str, AmqpBroker] = Field(default_factory=dict, validation_alias="ACP_AMQP_BROKERS")


def read_queue_settings() -> QueueSettings:
    """The settings from the environment. Raises SettingsError with a message of one line."""
    try:
        return QueueSettings()
    except ValidationError as exc:
        problems = (f"{'.'.join(str(part) for part in error['loc'])}: {plain_problem(error)}" for error in exc.errors())
        raise SettingsError("; ".join(problems)) from None  # the cause has the logins
    except ValueError:
        raise SettingsError("ACP_AMQP_BROKERS: is not valid JSON") from None


def read_broker() -> AmqpBroker | None:
    """The broker whose queues are read, if the settings name one. Raises SettingsError."""
    settings = read_queue_settings()
    if settings.broker is None:
        return None
    if settings.broker not in settings.amqp_brokers:
        raise SettingsError(f"ACP_AUTOPILOT_BROKER: ACP_AMQP_BROKERS has no broker named {settings.broker!r}")
    return settings.amqp_brokers[settings.broker]
