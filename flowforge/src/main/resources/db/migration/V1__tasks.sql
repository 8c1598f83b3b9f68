create table tasks (
    id              uuid primary key,
    type            text        not null,
    payload         jsonb       not null,
    status          text        not null check (status in ('queued', 'running', 'succeeded', 'dead', 'cancelled')),
    priority        int         not null default 0,
    run_at          timestamptz not null,
    attempts        int         not null default 0,
    max_attempts    int         not null default 5,
    idempotency_key text unique,
    locked_by       text,
    locked_until    timestamptz,
    result          jsonb,
    error           text,
    created_at      timestamptz not null default now(),
    finished_at     timestamptz
);

-- What a worker looks for: due tasks, the most urgent first. Finished tasks are not in it, so it stays small.
create index tasks_due on tasks (priority desc, run_at, id) where status = 'queued';
create index tasks_held on tasks (locked_until) where status = 'running';
create index tasks_newest on tasks (created_at desc, id);

create function tasks_notify() returns trigger language plpgsql as $$
begin
    perform pg_notify('tasks', '');
    return null;
end $$;

create trigger tasks_added after insert or update of status on tasks
    for each row when (new.status = 'queued') execute function tasks_notify();
