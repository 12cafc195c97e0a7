"""What an adapter tells the model about the outcome of its call."""

from typing import Any
from uuid import UUID

import pytest

from control_plane.adapters.calls import Answer, answer_of
from control_plane.client import Envelope
from tests.control_plane.client.test_flows import ENVELOPE, ID

EDITED = {"arguments": {"n": 2}, "proposed_arguments": {"n": 1}}


def an_outcome(**fields: Any) -> Answer:
    return answer_of(Envelope.read({**ENVELOPE, **fields}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "success", "result": {"ok": True}}, Answer('{"ok": true}', succeeded=True)),
        (
            {"status": "success", "result": {"ok": True}, **EDITED},
            Answer(
                'Superseded by reviewer: it ran with the arguments {"n": 2}. Result: {"ok": true}', succeeded=True
            ),
        ),
        (
            {"status": "failed", "last_error": "sold out", **EDITED},
            Answer(
                'Superseded by reviewer: the arguments are now {"n": 2}. '
                f"Not executed (failed: sold out). Envelope {ID}.",
                succeeded=False,
            ),
        ),
        ({"status": "pending"}, Answer(f"Not executed yet (pending). Envelope {ID}.", succeeded=False)),
        (
            {"status": "failed", "doubtful": True},
            Answer(
                f"Not executed (failed). It may have had its effect all the same. Envelope {ID}.", succeeded=False
            ),
        ),
    ],
)  # fmt: skip
def test_the_outcome_says_what_ran(fields: dict[str, Any], expected: Answer) -> None:
    assert an_outcome(**fields) == expected


def test_an_envelope_of_an_older_server_has_no_edit_and_no_objective() -> None:
    read = Envelope.read(ENVELOPE)
    assert (read.proposed_arguments, read.objective_id) == (None, None)
    assert Envelope.read({**ENVELOPE, "objective_id": str(ID)}).objective_id == UUID(str(ID))
