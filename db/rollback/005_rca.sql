-- Takes the rca schema away again, with everything in it.
drop schema rca cascade;
