"""Settings come from the environment, and every mistake in them is named."""

from datetime import timedelta

import pytest

from control_plane.settings import RetryPolicy, read_settings
from services.errors import SettingsError

pytestmark = pytest.mark.usefixtures("bare")


def test_one_variable_of_one_tier_does_not_change_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_RETRY__LOW__MAX_ATTEMPTS", "7")
    retry = read_settings().retry
    assert (retry.low, retry.high) == (RetryPolicy(max_attempts=7), RetryPolicy(max_attempts=2))


def test_setting_the_wait_of_a_tier_keeps_its_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_RETRY__HIGH__BASE", "30")
    assert read_settings().retry.high == RetryPolicy(max_attempts=2, base=timedelta(seconds=30))


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings().sql_database_url() is None


def test_a_misspelt_setting_is_refused_with_the_similar_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_CONCURENCY", "5")
    with pytest.raises(
        SettingsError, match=r"ACP_CONCURENCY: there is no such setting; did you mean ACP_CONCURRENCY\?"
    ):
        read_settings()


def test_variables_of_other_programs_with_our_prefix_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_SERVICE_HOST", "10.0.0.7")
    monkeypatch.setenv("ACP_PORT", "tcp://10.0.0.7:80")
    assert read_settings().concurrency == 64


def test_a_signing_secret_that_cannot_sign_stops_the_program_without_being_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACP_WEBHOOK_SECRETS", '{"desk": "!!!hush!!!"}')
    with pytest.raises(SettingsError, match="ACP_WEBHOOK_SECRETS__DESK: must be whsec_") as refused:
        read_settings()
    assert "hush" not in str(refused.value)


def test_a_password_with_an_unescaped_slash_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:se#k/ret@h:5432/x")
    with pytest.raises(SettingsError, match="percent-encoded") as refused:
        read_settings()
    assert "ret@" not in str(refused.value)


@pytest.mark.parametrize("written", ["2.5", "PT2.5S"])
def test_spans_are_read_as_seconds_or_iso_8601(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("ACP_POLL_EVERY", written)
    assert read_settings().poll_every == timedelta(seconds=2.5)


def test_every_problem_is_reported_at_once_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_CONCURRENCY", "many")
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")
    monkeypatch.setenv("ACP_RETRY__LOW__MAX_ATTEMPTS", "0")
    with pytest.raises(SettingsError) as error:
        read_settings()
    for variable in ("ACP_CONCURRENCY: ", "DATABASE_URL: ", "ACP_RETRY__LOW__MAX_ATTEMPTS: "):
        assert variable in str(error.value)


def test_a_setting_that_is_not_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_MCP_SERVERS", "{broken")
    with pytest.raises(SettingsError, match=r"(?i)mcp_servers"):
        read_settings()


def test_the_address_of_traces_has_a_place_for_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_TRACE_URL", "https://grafana.test/explore")
    with pytest.raises(SettingsError, match=r"ACP_TRACE_URL: must be an http or https URL that contains {trace_id}"):
        read_settings()
    monkeypatch.setenv("ACP_TRACE_URL", "https://grafana.test/explore/{trace_id}")
    assert read_settings().trace_url == "https://grafana.test/explore/{trace_id}"


def test_a_call_must_end_before_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_TOOL_TIMEOUT", "60")
    with pytest.raises(SettingsError, match="ACP_TOOL_TIMEOUT: must be shorter than ACP_LEASE_FOR"):
        read_settings()


def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("ak_hush ak_hush", "ak_hush\n", "ak_hüsh"):
        monkeypatch.setenv("ACP_COMPOSIO_API_KEY", key)
        with pytest.raises(
            SettingsError, match="ACP_COMPOSIO_API_KEY: must be printable ASCII without spaces"
        ) as refused:
            read_settings()
        assert "sh" not in str(refused.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACP_WEBHOOK_SECRETS", '{"desk": "whsec_c2VjcmV0"}')
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/app")
    monkeypatch.setenv("ACP_COMPOSIO_API_KEY", "ak_hush")
    shown = repr(read_settings())
    assert "c2VjcmV0" not in shown
    assert "ak_hush" not in shown
    assert "hunter2" not in shown
