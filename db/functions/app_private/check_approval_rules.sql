-- Raise an error if the approval rules have a form that services/guardrails/approval_rules.py cannot read.
create or replace function app_private.check_approval_rules(approval_rules jsonb)
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  problem text;
begin
  if jsonb_typeof(approval_rules) is distinct from 'object' then
    raise exception 'approval_rules: must be an object such as {"two_people": ["high"]}' using errcode = 'PT400';
  end if;
  perform app_private.fits('approval_rules', approval_rules, 65536);
  select left(k, 40) into problem from jsonb_object_keys(approval_rules) as k where k not in ('two_people', 'require')
  limit 1;
  if found then
    raise exception 'approval_rules.%: is not known; remove it or use two_people, require', problem
      using errcode = 'PT400';
  elsif not app_private.is_list_of_risks(coalesce(approval_rules -> 'two_people', '[]')) then
    raise exception 'approval_rules.two_people: must be a list of low, medium and high' using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(approval_rules -> 'require', '[]')) <> 'array' then
    raise exception 'approval_rules.require: must be a list such as [{"tools": "STRIPE__*"}]' using errcode = 'PT400';
  elsif jsonb_array_length(coalesce(approval_rules -> 'require', '[]')) > 100 then
    raise exception 'approval_rules.require: has % rules; write at most 100',
      jsonb_array_length(approval_rules -> 'require') using errcode = 'PT400';
  end if;

  select format('[%s]', r.position - 1) into problem
  from jsonb_array_elements(coalesce(approval_rules -> 'require', '[]')) with ordinality as r (rule, position)
  where case
    when jsonb_typeof(r.rule) <> 'object' or r.rule = '{}' then true
    when exists (
      select from jsonb_object_keys(r.rule) as k where k not in ('tools', 'risks', 'account', 'arguments')
    ) then true
    else
      (r.rule ? 'tools' and (jsonb_typeof(r.rule -> 'tools') <> 'string' or r.rule ->> 'tools' !~ '^\S{1,255}$'))
      or not app_private.is_list_of_risks(coalesce(r.rule -> 'risks', '[]'))
      or (r.rule ? 'account' and (
        jsonb_typeof(r.rule -> 'account') not in ('string', 'null') or length(r.rule ->> 'account') not between 1 and 255
      ))
      or not app_private.are_conditions(coalesce(r.rule -> 'arguments', '[]'))
  end
  limit 1;
  if found then
    raise exception 'approval_rules.require%: is not a rule; write one such as {"tools": "STRIPE__*", "arguments": [{"argument": "amount", "above": 1000}]}',
      problem using errcode = 'PT400';
  end if;
end
$$;
revoke all on function app_private.check_approval_rules from public;
