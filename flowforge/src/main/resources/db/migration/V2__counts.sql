-- What an idempotency key was first used for: a digest of the request, so that the key with another request is told apart.
alter table tasks add column request text;

-- How many tasks are in which state, kept as they change, so that asking costs the same however many there are.
-- Each connection counts in one of 16 slots: with one row for all, every change to the queue would wait for every other.
create table task_counts (
    type   text   not null,
    status text   not null,
    slot   int    not null,
    n      bigint not null,
    primary key (type, status, slot)
) with (fillfactor = 50);

-- Nothing may change between counting what is there and counting what changes; reading goes on.
lock table tasks in share row exclusive mode;

insert into task_counts select type, status, 0, count(*) from tasks group by type, status;

-- In the order of the key, so that two statements which count the same states never wait for each other in a circle.
create function tasks_count() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' then
        delete from task_counts;
    elsif tg_op = 'INSERT' then
        insert into task_counts as c
            select type, status, pg_backend_pid() % 16, count(*) from later group by type, status order by type, status
            on conflict (type, status, slot) do update set n = c.n + excluded.n;
    elsif tg_op = 'DELETE' then
        insert into task_counts as c
            select type, status, pg_backend_pid() % 16, -count(*) from earlier group by type, status order by type, status
            on conflict (type, status, slot) do update set n = c.n + excluded.n;
    else
        insert into task_counts as c
            select type, status, pg_backend_pid() % 16, sum(d)
            from (select type, status, 1 as d from later union all select type, status, -1 from earlier) moved
            group by type, status having sum(d) <> 0 order by type, status
            on conflict (type, status, slot) do update set n = c.n + excluded.n;
    end if;
    return null;
end $$;

create trigger tasks_counted_in after insert on tasks
    referencing new table as later for each statement execute function tasks_count();
create trigger tasks_counted_out after delete on tasks
    referencing old table as earlier for each statement execute function tasks_count();
create trigger tasks_counted_over after update on tasks
    referencing old table as earlier new table as later for each statement execute function tasks_count();
create trigger tasks_counted_none after truncate on tasks
    for each statement execute function tasks_count();

-- The oldest that waits, by type; and the newest of a state, as for the list of dead letters.
create index tasks_waiting on tasks (type, run_at) where status = 'queued';
create index tasks_newest_by_status on tasks (status, created_at desc, id);
