"""The paths of the console on the API's app."""

ROOT = "/console"
HOME = f"{ROOT}/"
SIGN_IN = f"{ROOT}/sign-in"
APPROVAL = f"{ROOT}/approvals/{{tenant_id}}/{{envelope_id}}"
"""The page of an approval, to which notices link."""


def own_path(text: str | None) -> str:
    """`text` if it is a path of the console, else the path of the first page: a link must never lead to another
    site."""
    if text is None or not text.startswith(f"{ROOT}/") or text.startswith(SIGN_IN):
        return HOME
    return text if text.isprintable() and "\\" not in text and ".." not in text else HOME
