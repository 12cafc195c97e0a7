-- What yoyo 9.0 made beside our record in databases that 0.1.0 migrated, as pg_dump told it, with two of its marks.
create table migrations._yoyo_log (
    id character varying(36) primary key,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);
create table migrations._yoyo_migration (
    migration_hash character varying(64) primary key,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);
create table migrations._yoyo_version (
    version integer primary key,
    installed_at_utc timestamp without time zone
);
create table migrations.yoyo_lock (
    locked integer default 1 primary key,
    ctime timestamp without time zone,
    pid integer not null
);
alter table migrations._yoyo_log enable row level security;
alter table migrations._yoyo_migration enable row level security;
alter table migrations._yoyo_version enable row level security;
alter table migrations.yoyo_lock enable row level security;
insert into migrations._yoyo_log values
('eda86af0-13b3-4225-8004-704d47da9120', '39301cbd4ed3a25a8e72df6a7dffa6ead56291ce8830a905a8a590d9edf23dac', '001_init', 'apply', 'postgres', '127.0.0.1', null, '2026-11-29 17:07:13.338139'),
('bad1ac0d-c2a7-41c7-8b11-1be3df6fbfc8', '2c8df80246691d3c9e782312564b7929ff58595d4c7fb2c47e725fc63490f084', '015_scans_are_asked_for', 'apply', 'postgres', '127.0.0.1', null, '2026-11-29 17:07:15.237897');
insert into migrations._yoyo_migration values
('39301cbd4ed3a25a8e72df6a7dffa6ead56291ce8830a905a8a590d9edf23dac', '001_init', '2026-11-29 17:07:13.329696'),
('2c8df80246691d3c9e782312564b7929ff58595d4c7fb2c47e725fc63490f084', '015_scans_are_asked_for', '2026-11-29 17:07:15.232878');
insert into migrations._yoyo_version values (2, '2026-11-29 17:07:13.161827');
insert into migrations.yoyo_lock values (1, '2026-11-29 17:07:13', 4711);   -- of a process that was killed
