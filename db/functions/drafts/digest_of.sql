-- The digest of the reply that a reviewer is shown: text, HTML, recipient, subject and files. A decision names the
-- digest, so it is valid only for exactly this reply.
-- call: internal
create or replace function drafts.digest_of(draft drafts.drafts, conversation drafts.conversations)
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(jsonb_build_array(
    draft.id, coalesce(draft.edited_text, draft.suggested_text),
    case when draft.edited_text is null then draft.suggested_html else draft.edited_html end,
    coalesce(conversation.reply_to, conversation.customer_email), conversation.subject, draft.attachments
  )::text, 'UTF8')), 'hex')
$$;
revoke all on function drafts.digest_of from public;
grant execute on function drafts.digest_of to authenticated, service_role, app_rw, app_ro;
