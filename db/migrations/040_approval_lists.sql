-- squawk-ignore-file ban-drop-function, require-concurrent-index-creation, require-concurrent-index-deletion
-- Pages of approvals: the open ones by age or by expiry, and the decided ones, for one tenant and for all; and whether
-- the call had been shown to its reviewer.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Functions that take more arguments now; db/functions creates them again.
drop function if exists worker_api.list_approvals, worker_api.decide_approval, tenant_api.decide_approval;

-- As in the envelope, which may be forgotten before the approval: what a list is filtered by.
alter table public.approvals
  add column tool_slug text, add column risk text, add column proposed_by text, add column shown_whole boolean;
comment on column public.approvals.shown_whole is
  'Whether all of the call had been shown to who decided. Null if the door does not know.';
grant select (tool_slug, risk, proposed_by, shown_whole) on public.approvals to authenticated;

update public.approvals as a
set tool_slug = o.tool_slug, risk = o.risk, proposed_by = o.proposed_by
from (
  select tenant_id, id, tool_slug, risk, proposed_by from public.outbox
  union all
  select tenant_id, id, tool_slug, risk, proposed_by from public.outbox_dlq
) as o
where o.tenant_id = a.tenant_id and o.id = a.envelope_id;

create index approvals_tenant_requested_idx on public.approvals (tenant_id, requested_at, id) where decision is null;
create index approvals_tenant_expires_idx on public.approvals (tenant_id, expires_at, id) where decision is null;
create index approvals_requested_idx on public.approvals (requested_at, id) where decision is null;
create index approvals_expires_idx on public.approvals (expires_at, id) where decision is null;
drop index public.approvals_expiry_idx;
create index approvals_tenant_decided_idx on public.approvals (tenant_id, decided_at, id) where decision is not null;
create index approvals_decided_idx on public.approvals (decided_at, id) where decision is not null;
