package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a policy or a webhook changes an object, those who were asked before have not seen what it made. So all is done
 * a second time, once: the server's own plugins always, a policy or a webhook only if it wants that, was asked before,
 * and something changed since.
 */
public final class Reinvocation {
    private final Turn policies = new Turn();
    private final Turn webhooks = new Turn();
    private boolean changed;
    private boolean second;

    /** Whether there is anything to do a second time. */
    public boolean isNeeded() {
        return changed;
    }

    /** Everything is now done a second time. */
    public void again() {
        second = true;
    }

    public Turn policies() {
        return policies;
    }

    public Turn webhooks() {
        return webhooks;
    }

    /** Of all that are asked one after another. */
    public final class Turn {
        private final Set<Object> invoked = new HashSet<>();
        private final Set<Object> due = new HashSet<>();
        private @Nullable Unstructured last;

        /** It begins: in the second round the plugins may have changed the object too. */
        public void begin(Unstructured object) {
            if (second && !object.equals(last)) {
                require();
            }
        }

        public void end(Unstructured object) {
            last = object.copy();
        }

        /** @param id of one of those who are asked */
        public boolean skips(Object id) {
            return second && !due.contains(id);
        }

        /** @param again whether it wants to be asked a second time */
        public void asked(Object id, boolean again, boolean changedObject) {
            if (changedObject) {
                changed = true;
                require();
            }
            if (again) {
                invoked.add(id);
            }
        }

        private void require() {
            due.addAll(invoked);
            invoked.clear();
        }
    }
}
