-- One row for each default privilege of the migrating role that other roles would get on our objects: the statement
-- that revokes it and the statement that grants it again. Default privileges may be set for all schemas or for one; of
-- the latter only those for our schemas count. The rights that PUBLIC has on functions and types without any default
-- privilege are not listed.
with default_privileges as (
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
from default_privileges
order by oid, position
