package dev.coracle.controllers.certificates;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.pem.Pem;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Deletes requests that nobody needs any more ({@code cleaner/cleaner.go}). */
public final class CleaningController implements Controller, Reconciler {
    private static final Duration DECIDED = Duration.ofHours(1);
    private static final Duration PENDING = Duration.ofHours(24);

    private final ControllerContext world;
    private final Informer requests;
    private final Loop loop;

    public CleaningController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "certificate_cleaner", 1);
        this.requests = loop.reconciles(Resources.CERTIFICATE_SIGNING_REQUESTS);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured o = requests.get(key).map(Revision::object).orElse(null);
        if (o == null) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        Instant end = end(o);
        if (end.isAfter(now)) {
            return Result.after(Duration.between(now, end));
        }
        Live.delete(world.client(), Resources.CERTIFICATE_SIGNING_REQUESTS, o);
        return Result.DONE;
    }

    /** An hour after it was issued, denied or could not be issued, a day after it came where nothing was decided. */
    private static Instant end(Unstructured o) {
        List<Instant> ends = new ArrayList<>();
        boolean issued = !o.string("status", "certificate").isEmpty();
        updated(o, "Denied").ifPresent(t -> ends.add(t.plus(DECIDED)));
        updated(o, "Failed").ifPresent(t -> ends.add(t.plus(DECIDED)));
        if (issued) {
            updated(o, "Approved").ifPresent(t -> ends.add(t.plus(DECIDED)));
            expires(o).ifPresent(ends::add);
        }
        return ends.stream()
                .min(Instant::compareTo)
                .orElseGet(() -> o.time("metadata", "creationTimestamp")
                        .orElse(Instant.EPOCH)
                        .plus(PENDING));
    }

    private static Optional<Instant> updated(Unstructured o, String condition) {
        return Conditions.find(o, condition).flatMap(c -> c.time("lastUpdateTime"));
    }

    private static Optional<Instant> expires(Unstructured o) {
        try {
            byte[] pem = Base64.getMimeDecoder().decode(o.string("status", "certificate"));
            return Pem.certificates(new String(pem, StandardCharsets.US_ASCII)).stream()
                    .map(c -> c.getNotAfter().toInstant())
                    .findFirst();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
