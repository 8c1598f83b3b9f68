package dev.coracle.apiserver.flowcontrol;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.coracle.apiserver.builtin.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.builtin.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.builtin.flowcontrol.SuggestedFlows;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in as FlowSchemas and PriorityLevelConfigurations say. A watch leaves its seat when it has begun. Other
 * requests that last, such as logs, do not come here, nor do those of this process, which do not come through the front door.
 *
 * <p>Where upstream reckons every ten seconds anew how many seats each level may have of others', a seat here is lent the moment
 * that somebody needs it and its owner does not: levels have what they keep for themselves, and all share what all would lend.
 */
public final class FlowControl implements AutoCloseable {
    /** How long a request waits for a seat. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration UPKEEP = Duration.ofMinutes(1);

    private static final GroupVersionResource SCHEMAS = FlowSchemas.DEFINITION.resource();
    private static final GroupVersionResource LEVELS = PriorityLevels.DEFINITION.resource();

    /** What a request was found to be; the names and UIDs of its schema and level. */
    public record Flow(String schema, String schemaUid, String level, String levelUid) {
        /** By which a client sees what it was found to be. */
        public Map<String, String> headers() {
            return Map.of("x-kubernetes-pf-flowschema-uid", schemaUid, "x-kubernetes-pf-prioritylevel-uid", levelUid);
        }
    }

    /** Who sent a request. */
    public interface Sender {
        /** What it was found to be, before anything comes of it: who is refused is told too. */
        void found(Flow flow);

        /**
         * @param action is run once when he goes away, at once where he is gone already
         * @return ends it, when he need no longer be minded
         */
        Runnable whenGone(Runnable action);
    }

    /** What a request has while it is served. */
    @FunctionalInterface
    public interface Seat {
        /** Before the request ends, where what it does from now on is little; again does nothing. */
        void leave();
    }

    /** For who counts. */
    public record Standing(String level, int nominal, int executing, int waiting) {}

    /** @param reason {@code ""} for one that was let in */
    public record Outcome(String level, String schema, String reason) {}

    private final Registry registry;
    private final Environment environment;
    private final int seats;
    private final Duration patience;
    /** Keyed, so that nobody finds a name that is dealt the queues of somebody he would hinder. */
    private final HashFunction hash;

    private final KeyedWorkQueue<String> changes;
    private final Upkeep upkeep;
    private final List<Client.Watch> watches = new ArrayList<>();
    private Timers.@Nullable Timer everyMinute;
    private final Map<Outcome, LongAdder> outcomes = new ConcurrentHashMap<>();

    /** By precedence; those whose level is not there are left out. */
    private volatile List<FlowSchema> schemas = List.of();

    /** Guards the levels and all that is in them. */
    private final Object lock = new Object();

    private final Map<String, Level> levels = new LinkedHashMap<>();
    /** Of those levels the ones that are no longer wanted, which stay for as long as somebody is in them. */
    private final Set<String> gone = new HashSet<>();

    /** @param seats for all levels together */
    public FlowControl(Registry registry, Environment environment, int seats) {
        this(registry, environment, seats, PATIENCE);
    }

    FlowControl(Registry registry, Environment environment, int seats, Duration patience) {
        this.patience = patience;
        this.registry = registry;
        this.environment = environment;
        this.seats = seats;
        this.upkeep = new Upkeep(registry);
        ByteBuffer key = ByteBuffer.wrap(environment.entropy().bytes(2 * Long.BYTES));
        this.hash = Hashing.sipHash24(key.getLong(), key.getLong());
        // The registry tells of changes while it holds what configure() asks it for.
        this.changes = new KeyedWorkQueue<>(environment, "flowcontrol", 1, any -> {
            configure();
            return Reconciler.Result.DONE;
        });
    }

    /** Reads what there is and follows it. */
    public void start() {
        for (GroupVersionResource r : List.of(LEVELS, SCHEMAS)) {
            watches.add(registry.watch(r, "", any -> true, -1, new Client.WatchListener() {
                @Override
                public void onEvent(WatchEvent event) {
                    if (event.type() != WatchEvent.Type.BOOKMARK) {
                        changes.add("configuration");
                    }
                }

                @Override
                public void onClosed(StatusException cause) {
                    throw new IllegalStateException("the registry ended a watch of its own", cause);
                }
            }));
        }
        configure();
        everyMinute = environment.timers().every(UPKEEP, upkeep::run);
    }

    /** @param imagined those that count although they may be missing for a moment */
    private List<Unstructured> all(GroupVersionResource resource, List<Unstructured> imagined) {
        List<Unstructured> all = new ArrayList<>();
        registry.list(resource, "", any -> true, 0, "").items().forEach(r -> all.add(r.object()));
        Set<String> names = all.stream().map(Unstructured::name).collect(Collectors.toSet());
        imagined.stream().filter(o -> !names.contains(o.name())).forEach(all::add);
        return all;
    }

    /** One at a time, so that what is read later is what counts. */
    private synchronized void configure() {
        Map<String, PriorityLevel> wanted = new HashMap<>();
        all(LEVELS, SuggestedFlows.mandatoryLevels()).forEach(l -> wanted.put(l.name(), PriorityLevel.of(l)));
        List<FlowSchema> read = all(SCHEMAS, SuggestedFlows.mandatorySchemas()).stream()
                .map(FlowSchema::of)
                .filter(s -> wanted.containsKey(s.level()))
                .sorted(Comparator.comparingLong(FlowSchema::precedence).thenComparing(FlowSchema::name))
                .toList();
        synchronized (lock) {
            schemas = read;
            // One that is gone stays until those in it have left.
            gone.clear();
            gone.addAll(levels.keySet());
            gone.removeAll(wanted.keySet());
            levels.values().removeIf(this::isOver);
            long shares =
                    wanted.values().stream().mapToLong(PriorityLevel::shares).sum();
            for (PriorityLevel c : wanted.values()) {
                levels.computeIfAbsent(c.name(), n -> new Level(c))
                        .configure(c, shares == 0 ? 0 : (int) Math.ceilDiv(seats * c.shares(), shares));
            }
            seatWhoWaits();
        }
    }

    private boolean isOver(Level level) {
        return level.isIdle() && gone.contains(level.config().name());
    }

    /**
     * Does what was asked for when there is a seat for it.
     *
     * @param sender loses his place when he does not wait for it
     * @throws StatusException 429 when there are too many before it
     */
    public void run(Asked asked, Sender sender, Consumer<Seat> request) {
        FlowSchema schema = schemaOf(asked);
        if (schema == null) {
            request.accept(() -> {});
            return;
        }
        long flow = hash.newHasher()
                .putUnencodedChars(schema.name())
                .putChar('\0')
                .putUnencodedChars(schema.flow(asked))
                .hash()
                .asLong();
        Level level;
        Level.Queue queue = null;
        Level.Waiting waiting = null;
        synchronized (lock) {
            level = levels.get(schema.level());
            if (level != null) {
                PriorityLevel config = level.config();
                sender.found(new Flow(schema.name(), schema.uid(), config.name(), config.uid()));
                if (level.waiting() == 0 && level.hasSeat(left())) {
                    queue = level.sit(flow);
                } else {
                    waiting = line(level, schema, flow);
                }
            }
        }
        if (level == null) {
            request.accept(() -> {}); // Gone this moment.
            return;
        }
        if (waiting != null) {
            await(waiting, level, schema, sender);
            queue = waiting.queue();
        }
        count(level, schema, "");
        Seat seat = new Taken(level, queue, environment.clock().nanos());
        try {
            request.accept(seat);
        } finally {
            seat.leave();
        }
    }

    private final class Taken implements Seat {
        private final Level level;
        private final Level.@Nullable Queue queue;
        private final long since;
        private boolean left;

        private Taken(Level level, Level.@Nullable Queue queue, long since) {
            this.level = level;
            this.queue = queue;
            this.since = since;
        }

        @Override
        public void leave() {
            double seconds = environment.clock().elapsed(since).toNanos() / 1e9;
            synchronized (lock) {
                if (left) {
                    return;
                }
                left = true;
                level.leave(queue, seconds);
                levels.values().removeIf(FlowControl.this::isOver);
                seatWhoWaits();
            }
        }
    }

    private @Nullable FlowSchema schemaOf(Asked asked) {
        FlowSchema rest = null;
        for (FlowSchema s : schemas) {
            if (s.matches(asked)) {
                return s;
            }
            rest = s.name().equals(SuggestedFlows.CATCH_ALL) ? s : rest;
        }
        return rest;
    }

    private int left() {
        int left = 0;
        for (Level l : levels.values()) {
            left += l.lendable();
            if (!l.config().exempt()) {
                left -= l.lent();
            }
        }
        return left;
    }

    private Level.Waiting line(Level level, FlowSchema schema, long flow) {
        if (level.config().queues() == 0) {
            throw refused(level, schema, "concurrency-limit");
        }
        Level.Waiting w = level.line(flow);
        if (w == null) {
            throw refused(level, schema, "queue-full");
        }
        return w;
    }

    private void await(Level.Waiting waiting, Level level, FlowSchema schema, Sender sender) {
        Timers.Timer timer = environment.timers().schedule(patience, () -> giveUp(level, waiting, "time-out"));
        Runnable mindless = sender.whenGone(() -> giveUp(level, waiting, "cancelled"));
        try {
            String refusal = waiting.seat.join();
            if (!refusal.isEmpty()) {
                throw refused(level, schema, refusal);
            }
        } finally {
            timer.cancel();
            mindless.run();
        }
    }

    private void giveUp(Level level, Level.Waiting waiting, String why) {
        synchronized (lock) {
            if (level.giveUp(waiting)) {
                waiting.seat.complete(why);
                levels.values().removeIf(this::isOver);
            }
        }
    }

    private void seatWhoWaits() {
        for (Level l : levels.values()) {
            while (l.waiting() > 0 && l.hasSeat(left())) {
                l.next();
            }
        }
    }

    private StatusException refused(Level level, FlowSchema schema, String reason) {
        count(level, schema, reason);
        return new StatusException(
                429,
                "TooManyRequests",
                "Too many requests, please try again later.",
                new Unstructured(new LinkedHashMap<>()).set(1, "retryAfterSeconds"));
    }

    private void count(Level level, FlowSchema schema, String reason) {
        outcomes.computeIfAbsent(new Outcome(level.config().name(), schema.name(), reason), o -> new LongAdder())
                .increment();
    }

    /** How many requests came to what. */
    public Map<Outcome, Long> outcomes() {
        Map<Outcome, Long> counted = new HashMap<>();
        outcomes.forEach((o, n) -> counted.put(o, n.sum()));
        return counted;
    }

    /** Of each level. */
    public List<Standing> standings() {
        synchronized (lock) {
            return levels.values().stream()
                    .map(l -> new Standing(l.config().name(), l.nominal(), l.executing(), l.waiting()))
                    .toList();
        }
    }

    @Override
    public void close() {
        if (everyMinute != null) {
            everyMinute.cancel();
        }
        watches.forEach(Client.Watch::close);
        changes.close();
    }
}
