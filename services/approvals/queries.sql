-- name: list_open
select to_jsonb(a) || jsonb_build_object('envelope', to_jsonb(o))
from public.approvals as a
join public.outbox as o on o.id = a.envelope_id and o.tenant_id = a.tenant_id
where a.decision is null and ($1::uuid is null or a.tenant_id = $1)
  and ($2::uuid is null or a.envelope_id = $2)
order by a.requested_at, a.id
limit 1000;
