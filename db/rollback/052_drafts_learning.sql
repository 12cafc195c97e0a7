drop trigger if exists keep_conversation_abstention on drafts.conversations;
drop function if exists drafts.keep_abstention, drafts.save_prompt, drafts.list_prompts, drafts.activate_prompt,
  drafts.read_model_account, drafts.set_budget, drafts.record_model_call, drafts.record_evaluation,
  drafts.list_evaluations, drafts.set_topic_rule, drafts.list_topic_rules, drafts.topic_record,
  drafts.list_automatic_candidates, drafts.list_ruled_tenants, drafts.record_automatic_decision, drafts.list_samples,
  drafts.report_learning,
  drafts.list_abstentions, drafts.list_approved_replies;
drop index drafts.idx_action_created;
drop table drafts.automatic_decisions, drafts.topic_rules, drafts.evaluations, drafts.abstentions, drafts.model_calls,
  drafts.spending, drafts.budgets, drafts.prompts;
