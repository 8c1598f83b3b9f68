package dev.coracle.client.election;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Lease as one candidate knows it. Clocks of different machines are never compared: whether a lease has run out is
 * told by how long it has not been seen to change. One round at a time.
 */
final class Lock {
    private final Client client;
    private final Clock clock;
    private final LeaderElection election;
    private final String identity;
    private @Nullable Unstructured lease;
    private Unstructured seen = new Unstructured(new LinkedHashMap<>());
    private long seenAt;

    /** What a round came to. */
    enum Round {
        HELD,
        /** By another, who may still act. */
        TAKEN,
        FAILED
    }

    Lock(Client client, Clock clock, LeaderElection election, String identity) {
        this.client = client;
        this.clock = clock;
        this.election = election;
        this.identity = identity;
    }

    /** What events are about. */
    Unstructured about() {
        Unstructured known = lease;
        return known != null
                ? known
                : Unstructured.of("coordination.k8s.io/v1", "Lease", election.namespace(), election.name());
    }

    boolean isOurs() {
        return seen.string("holderIdentity").equals(identity);
    }

    private boolean isValid() {
        Duration patience = Duration.ofSeconds(seen.integer(0, "leaseDurationSeconds"));
        return lease != null && clock.elapsed(seenAt).compareTo(patience) < 0;
    }

    Round acquireOrRenew() {
        Unstructured known = lease;
        if (known != null && isOurs() && isValid()) {
            try {
                // Nobody else writes it, most of the time.
                return update(known);
            } catch (RuntimeException e) {
                LeaderElector.LOG.log(System.Logger.Level.DEBUG, "lease " + election.name() + " is read anew", e);
            }
        }
        try {
            Unstructured found = find();
            if (found == null) {
                Unstructured made = about().copy();
                made.remove("metadata", "resourceVersion");
                made.remove("metadata", "uid");
                made.set(spec(0, now()).map(), "spec");
                return saw(client.create(Resources.LEASES, election.namespace(), made, WriteOptions.DEFAULT)
                        .object());
            }
            if (lease == null || !found.object("spec").equals(seen)) {
                saw(found);
            }
            lease = found;
            if (!isOurs() && isValid() && !seen.string("holderIdentity").isEmpty()) {
                return Round.TAKEN;
            }
            return update(found);
        } catch (RuntimeException e) {
            LeaderElector.LOG.log(
                    System.Logger.Level.WARNING,
                    "lease " + election.namespace() + "/" + election.name() + ": " + e.getMessage());
            return Round.FAILED;
        }
    }

    /** Lets the next have it without waiting. */
    void release() {
        Unstructured known = lease;
        if (known == null || !isOurs()) {
            return;
        }
        Unstructured free = spec(seen.integer(0, "leaseTransitions"), now())
                .set("", "holderIdentity")
                .set(1L, "leaseDurationSeconds");
        try {
            saw(write(known, free));
        } catch (RuntimeException e) {
            LeaderElector.LOG.log(
                    System.Logger.Level.WARNING, "lease " + election.name() + " is not released: " + e.getMessage());
        }
    }

    private @Nullable Unstructured find() {
        try {
            return client.get(Resources.LEASES, election.namespace(), election.name())
                    .object();
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return null;
            }
            throw e;
        }
    }

    private Round update(Unstructured known) {
        long transitions = seen.integer(0, "leaseTransitions");
        return saw(write(
                known,
                isOurs() ? spec(transitions, seen.stringOr(now(), "acquireTime")) : spec(transitions + 1, now())));
    }

    private Unstructured write(Unstructured known, Unstructured spec) {
        return client.update(Resources.LEASES, known.copy().set(spec.map(), "spec"), WriteOptions.DEFAULT)
                .object();
    }

    private Round saw(Unstructured now) {
        lease = now;
        seen = now.object("spec");
        seenAt = clock.nanos();
        return Round.HELD;
    }

    private String now() {
        return Timestamps.formatMicro(clock.now());
    }

    private Unstructured spec(long transitions, String acquired) {
        return new Unstructured(new LinkedHashMap<>())
                .set(identity, "holderIdentity")
                .set(election.leaseDuration().toSeconds(), "leaseDurationSeconds")
                .set(acquired, "acquireTime")
                .set(now(), "renewTime")
                .set(transitions, "leaseTransitions");
    }
}
