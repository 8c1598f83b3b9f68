package dev.coracle.client.election;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fights for a Lease, as {@code client-go/tools/leaderelection} does, and does a work while it has it. Upstream's processes
 * die with their leadership; here the work is closed, and the fight begins anew.
 *
 * <p>When a leader is cut off, with the usual times: it renewed at 0 s, fails at 2 s and every 2 s after, and gives up at
 * 12 s, when the work is told to close. What the work writes after that is refused, and were even the timers late, after
 * 15 s it is refused all the same. Others have seen the lease change at 0 s or later, and take it after 15 s.
 *
 * <p>Locks: {@code rounds}, held while the server is asked; a term's own, held while its work begins or ends; this, held
 * for moments. None is taken within a later one.
 *
 * @param <W> the work
 */
public final class LeaderElector<W extends AutoCloseable> implements AutoCloseable {
    static final System.Logger LOG = System.getLogger("coracle.leaderelection");

    /** The time for which one leads, and its work. */
    private final class Term {
        private volatile boolean over;
        /** When the last renewal that succeeded was begun: others count from later. */
        private volatile long renewed;

        private volatile @Nullable W running;

        Term(long renewed) {
            this.renewed = renewed;
        }

        boolean holds() {
            Duration lease = Duration.ofSeconds(election.leaseDuration().toSeconds());
            return !over && environment.clock().elapsed(renewed).compareTo(lease) < 0;
        }

        synchronized void begin() {
            if (!over) {
                running = work.apply(new LeadersClient(client, this::holds));
            }
        }

        void end() {
            over = true;
            synchronized (this) {
                try {
                    W ending = running;
                    running = null;
                    if (ending != null) {
                        ending.close();
                    }
                } catch (Exception e) {
                    LOG.log(System.Logger.Level.WARNING, "while work ended that another leads now", e);
                }
            }
        }
    }

    private final Client client;
    private final Environment environment;
    private final LeaderElection election;
    private final String identity;
    private final EventRecorder events;
    private final Function<Client, W> work;
    private final Object rounds = new Object();
    private final Lock lock;
    private @Nullable Term term;
    /** The last one, which may still be ending. */
    private @Nullable Term last;

    private Timers.@Nullable Timer next;
    private Timers.@Nullable Timer deadline;
    private boolean closed;

    /**
     * @param identity no other candidate's, ever: upstream's is the host's name and a UUID
     * @param work is begun with a client that writes only while this leads
     */
    public LeaderElector(
            Client client,
            Environment environment,
            LeaderElection election,
            String identity,
            EventRecorder events,
            Function<Client, W> work) {
        this.client = client;
        this.environment = environment;
        this.election = election;
        this.identity = identity;
        this.events = events;
        this.work = work;
        this.lock = new Lock(client, environment.clock(), election, identity);
    }

    public void start() {
        environment.tasks().start("leader-election", this::turn);
    }

    /** The work, if this leads. */
    public Optional<W> work() {
        Term now = term();
        return now == null ? Optional.empty() : Optional.ofNullable(now.running);
    }

    private synchronized @Nullable Term term() {
        return term;
    }

    private void turn() {
        Term before = begins();
        Lock.Round round;
        long began;
        synchronized (rounds) {
            if (isClosed()) {
                return;
            }
            began = environment.clock().nanos();
            round = lock.acquireOrRenew();
        }
        if (before == null) {
            if (round == Lock.Round.HELD) {
                lead(began);
            } else {
                again(jittered());
            }
        } else if (round == Lock.Round.TAKEN) {
            stop(before);
        } else if (renewed(before, round == Lock.Round.HELD, began)) {
            again(election.retryPeriod());
        }
    }

    /** A leader has until the deadline for all attempts that follow one that succeeded. */
    private synchronized @Nullable Term begins() {
        Term now = term;
        if (now != null && deadline == null) {
            deadline = environment.timers().schedule(election.renewDeadline(), () -> stop(now));
        }
        return now;
    }

    /** Whether it still leads. */
    private synchronized boolean renewed(Term which, boolean held, long began) {
        if (term != which) {
            return false;
        }
        if (held) {
            which.renewed = began;
            cancelDeadline();
        }
        return true;
    }

    private void lead(long began) {
        Term begun = new Term(began);
        synchronized (this) {
            if (closed) {
                return;
            }
            term = begun;
            last = begun;
        }
        LOG.log(System.Logger.Level.DEBUG, identity + " became leader of " + election.name());
        events.normal(lock.about(), "LeaderElection", identity + " became leader");
        // The work may take its time to begin; the lease does not wait.
        again(election.retryPeriod());
        try {
            begun.begin();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "work that " + election.name() + " leads does not begin", e);
            stop(begun);
        }
    }

    private void stop(Term which) {
        synchronized (this) {
            if (term != which) {
                return;
            }
            which.over = true;
            term = null;
            cancelTimers();
        }
        LOG.log(System.Logger.Level.WARNING, identity + " stopped leading " + election.name());
        events.normal(lock.about(), "LeaderElection", identity + " stopped leading");
        which.end();
        again(jittered());
    }

    private Duration jittered() {
        double more = LeaderElection.JITTER * environment.entropy().nextDouble();
        return election.retryPeriod()
                .plusNanos((long) (more * election.retryPeriod().toNanos()));
    }

    private synchronized void again(Duration delay) {
        if (!closed) {
            if (next != null) {
                next.cancel();
            }
            next = environment.timers().schedule(delay, this::turn);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    private synchronized void cancelTimers() {
        cancelDeadline();
        if (next != null) {
            next.cancel();
            next = null;
        }
    }

    /** Ends the work, and only then lets others begin it. */
    @Override
    public void close() {
        Term ending;
        synchronized (this) {
            closed = true;
            ending = last;
            term = null;
            cancelTimers();
        }
        if (ending != null) {
            ending.end();
        }
        synchronized (rounds) {
            lock.release();
        }
    }
}
