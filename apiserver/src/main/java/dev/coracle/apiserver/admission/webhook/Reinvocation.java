package dev.coracle.apiserver.admission.webhook;

import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook changes an object, those who were asked before have not seen what it made. So all is done a second time,
 * once: the server's own plugins always, a webhook only if it wants that, was asked before, and something changed since.
 */
public final class Reinvocation {
    private final Set<String> invoked = new HashSet<>();
    private final Set<String> due = new HashSet<>();
    private boolean changed;
    private boolean second;
    private @Nullable Unstructured last;

    /** Whether there is anything to do a second time. */
    public boolean isNeeded() {
        return changed;
    }

    /** Everything is now done a second time. */
    public void again() {
        second = true;
    }

    /** The webhooks' turn comes: in the second round the plugins may have changed the object too. */
    void begin(Unstructured object) {
        if (second && !object.equals(last)) {
            require();
        }
    }

    void end(Unstructured object) {
        last = object.copy();
    }

    boolean skips(Webhook webhook) {
        return second && !due.contains(webhook.id());
    }

    void asked(Webhook webhook, boolean changedObject) {
        if (changedObject) {
            changed = true;
            require();
        }
        if (webhook.reinvoked()) {
            invoked.add(webhook.id());
        }
    }

    private void require() {
        due.addAll(invoked);
        invoked.clear();
    }
}
