-- Takes the drafts schema away again, with everything in it.
drop schema drafts cascade;
