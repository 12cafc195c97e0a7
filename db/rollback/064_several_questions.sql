drop function if exists drafts.search_chunks, drafts.list_samples;
