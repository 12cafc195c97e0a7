"""The settings of the model that an application asks."""

from datetime import timedelta
from decimal import Decimal
from typing import Self

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from control_plane.chat import Endpoint
from services.errors import SettingsError
from services.validation import plain_problem


class ChatSettings(BaseSettings):
    """The endpoint of the model, its prices, and the budget of tenants. Each application has a prefix of its own."""

    model_config = SettingsConfigDict(env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True)

    model_url: AnyHttpUrl | None = None
    """The address of OpenAI's API or a compatible one, up to `/chat/completions`. None: no model is asked."""
    model_name: str = Field(default="default", min_length=1, max_length=255)
    """The model, as the endpoint calls it."""
    model_key: SecretStr | None = None
    """The key of the endpoint."""
    model_timeout: float = Field(default=30, gt=0, le=120)
    """Seconds that an answer may take."""
    input_price: Decimal = Field(default=Decimal(0), ge=0, le=10_000)
    """USD per million tokens of a request."""
    output_price: Decimal = Field(default=Decimal(0), ge=0, le=10_000)
    """USD per million tokens of an answer."""
    monthly_usd: Decimal = Field(default=Decimal(20), ge=0, le=1_000_000)
    """What a tenant without a budget of its own may spend in a month."""

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint; None if there is none."""
        if self.model_url is None:
            return None
        return Endpoint(
            url=str(self.model_url), model=self.model_name,
            key=None if self.model_key is None else self.model_key.get_secret_value(),
            answer_within=timedelta(seconds=self.model_timeout), input_price=self.input_price,
            output_price=self.output_price,
        )  # fmt: skip

    @classmethod
    def read(cls) -> Self:
        """The settings from the environment. Raises SettingsError with one line, which never has the key."""
        try:
            return cls()
        except ValidationError as exc:
            prefix = cls.model_config["env_prefix"]
            problems = (f"{prefix}{str(error['loc'][0]).upper()}: {plain_problem(error)}" for error in exc.errors())
            raise SettingsError("; ".join(problems)) from exc
