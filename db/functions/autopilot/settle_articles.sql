-- Record what became of drafted articles: `news` is a list of {envelope_id, state, problem, at}, each envelope once;
-- `state` is sent, queued (its envelope was requeued), failed, unknown or cancelled. A published article is stored as
-- it was sent, with the id and the address in the tool's result (`external_id` or `id`, and `url`), and linked to its
-- cluster, which becomes FOUND. Returns how many drafts changed.
-- call: internal
create or replace function autopilot.settle_articles(organization uuid, news jsonb, moment timestamptz)
returns integer
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  one record;
  sent public.outbox;
  published autopilot.knowledge_articles;
  link uuid;
  changed integer := 0;
begin
  for one in
    select d.*, n.state, n.problem as reason, n.at, case n.state
      when 'sent' then 'published' when 'queued' then 'proposed' when 'cancelled' then 'rejected' else n.state
    end as became
    from jsonb_to_recordset(news) as n (envelope_id uuid, state text, problem text, at timestamptz)
    join autopilot.article_drafts as d on d.organization_id = organization and d.envelope_id = n.envelope_id
    order by d.id
    for no key update of d
  loop
    continue when one.status in (one.became, 'published');
    published := null;
    if one.became = 'published' then
      select * into sent from public.outbox as o where o.tenant_id = organization and o.id = one.envelope_id;
      insert into autopilot.knowledge_articles as a (
        organization_id, external_id, title, url, content, source, created_at, updated_at
      )
      values (
        organization, left(coalesce(
          nullif(sent.result ->> 'external_id', ''), nullif(sent.result ->> 'id', ''), nullif(sent.result ->> 'url', ''),
          'envelope:' || one.envelope_id
        ), 255), left(coalesce(nullif(sent.arguments ->> 'title', ''), one.title), 500),
        case when sent.result ->> 'url' ~ '^https?://' then left(sent.result ->> 'url', 2048) end,
        coalesce(nullif(sent.arguments ->> 'content', ''), one.content), 'autopilot', moment, moment
      )
      on conflict on constraint uq_knowledge_articles_external_id_org do update
      set title = excluded.title, url = coalesce(excluded.url, a.url), content = excluded.content, status = 'active'
      returning a.* into published;
      select coalesce((   -- the model may have been replaced meanwhile
        select c.id from autopilot.clusters as c
        join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
        where c.organization_id = organization and c.lineage_id = one.lineage_id
      ), one.cluster_id) into link;
      if link is not null then
        insert into autopilot.article_clusters as k (organization_id, article_id, cluster_id, created_at)
        values (organization, published.id, link, moment)
        on conflict (organization_id, article_id, cluster_id) do update set is_found = false where k.is_found;
      end if;
    end if;
    update autopilot.article_drafts as d
    set
      status = one.became, article_id = coalesce(published.id, d.article_id),
      title = coalesce(published.title, d.title), content = coalesce(published.content, d.content),
      problem = case when one.became in ('rejected', 'failed', 'unknown') then left(one.reason, 1000) end,
      settled_at = case when one.became <> 'proposed' then one.at end
    where d.organization_id = organization and d.id = one.id;
    changed := changed + 1;
    perform autopilot.add_audit(
      organization, 'system', 'ticket_settlements',
      case one.became
        when 'published' then 'article.published' when 'rejected' then 'article.rejected'
        when 'failed' then 'article.failed' when 'unknown' then 'article.unknown' else 'article.requeued'
      end,
      jsonb_build_object(
        'article_draft_id', one.id, 'article_id', published.id, 'cluster_id', one.cluster_id,
        'envelope_id', one.envelope_id
      ), moment
    );
  end loop;
  return changed;
end
$$;
revoke all on function autopilot.settle_articles from public;
