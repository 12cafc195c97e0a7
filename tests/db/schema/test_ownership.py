"""app_owner owns all our objects, so that none of our functions bypasses row-level security."""

from services.database.connect import connect
from services.database.schema.migrate import migrate, transfer_ownership
from services.database.schema.snapshot import SCHEMAS
from tests.clusters import hush
from tests.db.sql import execute

OWNERS = """
select relname, relowner::regrole::text, relnamespace::regnamespace::text from pg_class
where relkind in ('r', 'p', 'v', 'm', 'S')
union all
select proname, proowner::regrole::text, pronamespace::regnamespace::text from pg_proc
union all
select typname, typowner::regrole::text, typnamespace::regnamespace::text from pg_type
"""


def owners(url: str) -> dict[tuple[str, str], str]:
    """The owner of every relation, routine and type in the schemas that contain our objects."""
    with connect(url) as connection:
        found = connection.execute(OWNERS.encode()).fetchall()
    return {(schema, name): owner for name, owner, schema in found if schema in SCHEMAS}


def test_app_owner_owns_all_our_objects(database_url: str) -> None:
    assert _not_handed_over(database_url) == set()


def test_migrate_gives_objects_of_the_migrating_role_to_app_owner(database_url: str) -> None:
    execute(
        database_url,
        "reassign owned by app_owner to postgres;"
        " delete from migrations.applied_file where name = 'functions/worker_api/settle.sql'",
    )
    assert set(owners(database_url).values()) == {"postgres"}
    migrate(database_url, say=hush)
    assert _not_handed_over(database_url) == set()


def test_no_security_definer_function_bypasses_row_level_security(database_url: str) -> None:
    with connect(database_url) as connection:
        definers = connection.execute(
            "select count(*), count(*) filter (where r.rolsuper or r.rolbypassrls) from pg_proc p"
            " join pg_roles r on r.oid = p.proowner where p.prosecdef and p.pronamespace::regnamespace::text = any(%s)",
            (list(SCHEMAS),),
        ).fetchone()
    assert definers is not None
    assert definers[0] > 0
    assert definers[1] == 0


def test_migrate_gives_every_kind_of_object_to_app_owner(database_url: str) -> None:
    execute(
        database_url,
        """
        create sequence app_private.a_sequence;
        create table app_private.made (id int) partition by list (id);
        create table app_private.made_1 partition of app_private.made for values in (1);
        alter sequence app_private.a_sequence owned by app_private.made.id;
        create view app_private.seen as select 1 as one;
        create materialized view app_private.kept as select 1 as one;
        create sequence app_private.alone;
        create type app_private.pair as (a int, b int);
        create type app_private.colour as enum ('red');
        create domain app_private.word as text;
        create procedure app_private.doing() language sql as 'select 1';
        create aggregate app_private.adding(int) (sfunc = int4pl, stype = int);
        """,
    )
    new = _not_handed_over(database_url)
    with connect(database_url) as connection:
        transfer_ownership(connection, [f"{schema}.{name}" for schema, name in new])
    assert {name for _, name in new} >= {
        "a_sequence",
        "made_1",
        "seen",
        "kept",
        "pair",
        "colour",
        "word",
        "doing",
        "adding",
    }
    assert _not_handed_over(database_url) == set()


def test_objects_of_others_in_our_schemas_keep_their_owner(database_url: str) -> None:
    execute(
        database_url,
        "create view autopilot.report as select 1 as one; create function worker_api.theirs() returns int return 1;"
        " delete from migrations.applied_file where name = 'functions/worker_api/settle.sql'",
    )
    before = _not_handed_over(database_url)
    migrate(database_url, say=hush)
    assert ("worker_api", "theirs") in before
    assert _not_handed_over(database_url) == before


def _not_handed_over(url: str) -> set[tuple[str, str]]:
    return {name for name, owner in owners(url).items() if owner != "app_owner"}
