drop function if exists worker_api.claim;
