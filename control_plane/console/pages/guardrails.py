"""`/console/guardrails`: what a tenant allows its agents to do without a person, and the editor for these settings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.schema_form import (
    Input,
    add_element,
    fields_of,
    number_in,
    remove_element,
    text_in,
    typed_from,
    typed_in,
    whole_document,
)
from control_plane.console.schema_shape import Shape, shape_of
from control_plane.console.session import Viewer
from control_plane.console.show import pretty_json
from control_plane.strict_json import parse_object
from services.errors import InvalidInput, StateConflict
from services.guardrails import GuardrailSettings, GuardrailVersion
from services.guardrails.validate import guardrails_schema, parse_settings
from services.set_guardrails import list_versions, read_policy, replace_guardrails
from services.shadow_runs import MAX_ENVELOPES, MAX_RUN_TIME
from services.start_shadow import start_shadow
from services.tenants import TenantRole

router = APIRouter(prefix="/guardrails")
NOUN = "guardrails"
FIELDS = "settings"
"""The prefix of the names of all fields in the form."""


@router.get("")
async def show_settings(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The settings of a tenant in words."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Guardrails")
    tenant = await viewer.known_tenant(tenant_id)
    policy = await read_policy(viewer.backends, tenant)
    newest = next(iter(await list_versions(viewer.backends, tenant, limit=1)), None)
    return render(request, "guardrails/show.html", policy=policy, newest=newest, **await common(viewer, tenant))


@router.get("/edit")
async def show_editor(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The editor with the current settings."""
    tenant = await viewer.known_tenant(tenant_id)
    policy = await read_policy(viewer.backends, tenant)
    typed = {FIELDS: typed_from(shape(), policy.settings.document), "replaces": str(policy.version)}
    return await _editor(request, viewer, tenant, typed, {}, template="guardrails/edit.html")


@router.post("/edit")
async def edit(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Save the settings, start a shadow run, or change the form: add or remove an element, or switch between fields and
    JSON."""
    tenant = viewer.one_tenant(tenant_id)
    typed = await read_typed(request)
    action, _, name = text_in(typed, "do").partition(":")
    try:
        match action:
            case "add":
                add_element(typed, name)
            case "remove":
                remove_element(typed, name)
            case "json" | "fields":
                typed = _switch_form(tenant, typed, as_json=action == "json")
            case "shadow":
                await _start_shadow(viewer, tenant, typed)
                return changed("Shadow run started.", to=linker(viewer, NOUN, tenant)("/shadow"))
            case "save":
                replaces = _replaced({**typed, "replaces": name or typed.get("replaces")})
                await replace_guardrails(
                    viewer.backends, tenant, candidate_of(typed), replaces=replaces, actor=viewer.actor
                )
                return changed("Guardrails saved.", to=linker(viewer, NOUN, tenant)())
    except InvalidInput as exc:
        return await _editor(request, viewer, tenant, typed, dict(exc.problems))
    except StateConflict as exc:
        if action != "save":
            raise
        stale = await _what_changed(viewer, tenant, _replaced(typed), str(exc))
        return await _editor(request, viewer, tenant, typed, {}, stale=stale)
    return await _editor(request, viewer, tenant, typed, {})


async def read_typed(request: Request) -> Input:
    """Read the input that was typed into the editor."""
    return typed_in((name, text) for name, text in (await request.form()).multi_items() if isinstance(text, str))


def candidate_of(typed: Input) -> dict[str, Any]:
    """The document that was typed, as fields or as JSON. Raises InvalidInput for a text that is no JSON object."""
    if "json" in typed:
        document = parse_object(text_in(typed, "json"), name="JSON")
        return {name: value for name, value in document.items() if name != "tenant_id"}  # the API prints it too
    return whole_document(shape(), typed.get(FIELDS))


async def common(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    """Template values that all pages of guardrails share."""
    link = linker(viewer, NOUN, tenant)
    tabs = [
        ("Settings", link()), ("Versions", link("/versions")), ("Dry run", link("/dry-run")),
        ("Shadow runs", link("/shadow")),
    ]  # fmt: skip
    may_change = may(viewer, TenantRole.OWNER)
    return {**await whose(viewer, NOUN, tenant), "may_change": may_change, "tab_links": tabs}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings that differ between two documents: their values in each, with sorted names."""
    names = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
    return _sorted(before, names), _sorted(after, names)


def _sorted(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    chosen = {name: document[name] for name in names if name in document}
    ordered: dict[str, Any] = orjson.loads(orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS))
    return ordered


@cache
def shape() -> Shape:
    """The shape of the guardrails document, for the editor."""
    return shape_of(guardrails_schema())


def _switch_form(tenant: UUID, typed: Input, *, as_json: bool) -> Input:
    document = candidate_of(typed)
    other_fields = {name: value for name, value in typed.items() if name not in {"json", FIELDS}}
    if as_json:
        return {**other_fields, "json": pretty_json(document)}
    return {**other_fields, FIELDS: typed_from(shape(), parse_settings(tenant, document).document)}


async def _start_shadow(viewer: Viewer, tenant: UUID, typed: Mapping[str, Any]) -> None:
    hours, envelopes = number_in(typed, "hours"), number_in(typed, "envelopes")
    await start_shadow(
        viewer.backends, tenant, candidate_of(dict(typed)), lasts_for=timedelta(hours=max(0.0, min(hours, 10_000.0))),
        max_envelopes=int(max(0.0, min(envelopes, 1e9))), actor=viewer.actor,
    )  # fmt: skip


def _replaced(typed: Mapping[str, Any]) -> int:
    """The version of the guardrails that the editor showed."""
    return int(max(0.0, min(number_in(typed, "replaces"), 2.0**31 - 1)))


async def _what_changed(viewer: Viewer, tenant: UUID, replaces: int, problem: str) -> dict[str, Any]:
    """Template values about a conflict: who changed which settings since the version that the editor showed."""
    newer: list[GuardrailVersion] = [
        version for version in await list_versions(viewer.backends, tenant, limit=50) if version.version > replaces
    ]
    policy = await read_policy(viewer.backends, tenant)
    before = await viewer.backends.guardrails.list_versions(tenant, limit=1, version=replaces)
    document = before[0].document if before else GuardrailSettings(tenant_id=tenant).document
    return {
        "problem": problem, "newer": newer, "version": policy.version,
        "changes": differing(document, policy.settings.document),
    }  # fmt: skip


async def _editor(
    request: Request,
    viewer: Viewer,
    tenant: UUID,
    typed: Input,
    problems: dict[str, str],
    *,
    stale: Mapping[str, Any] | None = None,
    template: str = "guardrails/editor.html",
) -> Response:
    fields = fields_of(shape(), typed.get(FIELDS), problems, name=FIELDS)
    shown = set() if "json" in typed else fields.paths()
    return render(
        request, template, fields=fields, typed=typed, stale=stale,
        others={path: problem for path, problem in problems.items() if path not in shown or not path},
        max_hours=MAX_RUN_TIME // timedelta(hours=1), max_envelopes=MAX_ENVELOPES, **await common(viewer, tenant),
    )  # fmt: skip
