package dev.coracle.kubelet.pod;

import dev.coracle.client.Reconciler.Result;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Of several reasons to look again, the earliest. */
final class Soonest {
    private @Nullable Duration delay;

    void after(@Nullable Duration d) {
        Duration known = delay;
        if (d != null && (known == null || d.compareTo(known) < 0)) {
            delay = d;
        }
    }

    Result result() {
        Duration d = delay;
        return d == null ? Result.DONE : Result.after(d.isZero() || d.isNegative() ? Duration.ofMillis(1) : d);
    }
}
