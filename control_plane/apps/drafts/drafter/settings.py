"""The settings of the model that writes drafts."""

from pydantic_settings import SettingsConfigDict

from control_plane.chat.settings import ChatSettings


class ModelSettings(ChatSettings):
    """The model of drafts. Without one, drafts are written offline."""

    model_config = SettingsConfigDict(env_prefix="ACP_DRAFTS_")
