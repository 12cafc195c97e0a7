"""Where the console stands on the API's app."""

ROOT = "/console"
HOME = f"{ROOT}/"
SIGN_IN = f"{ROOT}/sign-in"
APPROVAL = f"{ROOT}/approvals/{{tenant_id}}/{{envelope_id}}"
"""The page of an approval, to which notices link."""


def own_path(text: str | None) -> str:
    """This path if it is one of the console, else the first page: a link never leads to another site."""
    if text is None or not text.startswith(f"{ROOT}/") or text.startswith(SIGN_IN):
        return HOME
    return text if text.isprintable() and "\\" not in text and ".." not in text else HOME
