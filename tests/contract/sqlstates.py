"""All SQLSTATEs of errors in PostgreSQL, and a function that fails with a given one."""

import psycopg.errors

SQLSTATES: list[str] = sorted(
    {
        code
        for error in vars(psycopg.errors).values()
        if isinstance(error, type) and issubclass(error, psycopg.Error)
        if (code := error.sqlstate) is not None and code >= "03"  # before that are no errors
    }
)
OURS = ["PT400", "PT404", "PT409"]
ABOUT_THE_DATA = [code for code in SQLSTATES if code[:2] in {"22", "23"} or code in {"54000", "54001"}]
NOT_ABOUT_THE_DATA = [code for code in SQLSTATES if code not in ABOUT_THE_DATA]

FAIL = """
create function worker_api.fail(code text) returns jsonb language plpgsql as $$
begin
  raise exception using errcode = code, message = 'made to fail';
end
$$;
grant execute on function worker_api.fail to service_role;
"""
