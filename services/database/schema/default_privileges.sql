-- What the migrating role's default privileges would give to others of the things we make: statements that withhold it,
-- and those that give it back, in their order. Rows of all schemas, and of those we use; what PUBLIC has of functions
-- and types by PostgreSQL's own default is no default privilege.
with given as (
  select
    case when n.oid is null then '' else format(' in schema %%I', n.nspname) end as place,
    case d.defaclobjtype
      when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas'
    end as kind,
    case a.grantee when 0 then 'public' else quote_ident(a.grantee::regrole::text) end as grantee,
    a.is_grantable, string_agg(a.privilege_type, ', ') as verbs, min(a.position) as position, d.oid
  from pg_catalog.pg_default_acl as d
  left join pg_catalog.pg_namespace as n on n.oid = d.defaclnamespace
  cross join lateral pg_catalog.aclexplode(d.defaclacl)
    with ordinality as a (grantor, grantee, privilege_type, is_grantable, position)
  where d.defaclrole = current_user::regrole
    and d.defaclobjtype in ('r', 'S', 'f', 'T', 'n')
    and (n.oid is null or n.nspname = any(%(schemas)s))
    and a.grantee <> d.defaclrole
    and not (n.oid is null and a.grantee = 0 and d.defaclobjtype in ('f', 'T'))
  group by d.oid, n.oid, n.nspname, d.defaclobjtype, a.grantee, a.is_grantable
)
select
  format('alter default privileges%%s revoke all on %%s from %%s', place, kind, grantee),
  format(
    'alter default privileges%%s grant %%s on %%s to %%s%%s', place, verbs, kind, grantee,
    case when is_grantable then ' with grant option' else '' end
  )
from given
order by oid, position
