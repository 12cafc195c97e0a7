-- name: tail
select to_jsonb(a) || jsonb_build_object(
  'hash', encode(a.hash, 'hex'), 'previous_hash', encode(a.previous_hash, 'hex')
)
from public.audit_log as a
where a.tenant_id = $1 and ($3::bigint is null or a.seq < $3)
order by a.seq desc
limit $2;
