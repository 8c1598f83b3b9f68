package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Pods on their way out. All are asked to go at once; a disruption budget's refusal (429) is asked again later, and who
 * goes is waited for. One task looks after all of them.
 */
final class Evictions {
    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final Duration GLANCE = Duration.ofMillis(200);

    private static final class Going {
        final Unstructured pod;
        boolean accepted;
        /** When to ask again, since the beginning. */
        Duration due = Duration.ZERO;

        Going(Unstructured pod) {
            this.pod = pod;
        }

        String quoted() {
            return "pods/\"" + pod.name() + "\" -n \"" + pod.namespace() + "\"";
        }
    }

    private final Session session;
    private final long grace;
    private final Duration timeout;
    private final boolean delete;

    /**
     * @param grace seconds; -1 for what each pod asks for
     * @param timeout zero for none
     * @param delete rather than evict, past all budgets
     */
    Evictions(Session session, long grace, Duration timeout, boolean delete) {
        this.session = session;
        this.grace = grace;
        this.timeout = timeout;
        this.delete = delete;
    }

    /** Returns when all are gone or given up. @return what went wrong */
    List<String> run(List<Unstructured> pods) throws InterruptedException {
        List<Going> going = new ArrayList<>(pods.stream().map(Going::new).toList());
        List<String> failures = new ArrayList<>();
        long began = session.environment().clock().nanos();
        while (true) {
            for (Iterator<Going> i = going.iterator(); i.hasNext(); ) {
                Duration now = session.environment().clock().elapsed(began);
                if (step(i.next(), now, failures)) {
                    i.remove();
                }
            }
            session.out().flush();
            if (going.isEmpty()) {
                return failures;
            }
            session.environment()
                    .sleep(pause(going, session.environment().clock().elapsed(began)));
        }
    }

    private static Duration pause(List<Going> going, Duration now) {
        Duration pause = AGAIN;
        for (Going g : going) {
            Duration until = g.accepted ? GLANCE : g.due.minus(now);
            pause = until.compareTo(pause) < 0 ? until : pause;
        }
        return pause.isNegative() ? Duration.ZERO : pause;
    }

    /** @return whether nothing more is to be done for it */
    private boolean step(Going g, Duration now, List<String> failures) {
        boolean late = timeout.isPositive() && now.compareTo(timeout) >= 0;
        try {
            if (!g.accepted) {
                if (now.compareTo(g.due) < 0) {
                    return false;
                }
                if (!delete) {
                    session.out().println("evicting pod " + g.pod.namespace() + "/" + g.pod.name());
                }
                if (late) {
                    failures.add("error when evicting " + g.quoted() + ": global timeout reached: "
                            + Durations.text(timeout));
                    return true;
                }
                send(g.pod);
                g.accepted = true;
            }
        } catch (StatusException e) {
            if (e.code() == 429) {
                session.err()
                        .println("error when evicting " + g.quoted() + " (will retry after 5s): " + e.getMessage());
                g.due = now.plus(AGAIN);
                return false;
            }
            if (!e.isNotFound()) {
                failures.add("error when evicting " + g.quoted() + ": " + e.getMessage());
            }
            return true;
        }
        if (isGone(g.pod)) {
            session.out().println("pod/" + g.pod.name() + (delete ? " deleted" : " evicted"));
            return true;
        }
        if (late) {
            failures.add("error when waiting for pod \"" + g.pod.name() + "\" in namespace \"" + g.pod.namespace()
                    + "\" to terminate: global timeout reached: " + Durations.text(timeout));
        }
        return late;
    }

    private void send(Unstructured pod) {
        if (delete) {
            session.client().delete(Resources.PODS, pod.namespace(), pod.name(), new DeleteOptions(grace, "", "", ""));
            return;
        }
        Unstructured eviction = Unstructured.of("policy/v1", "Eviction", pod.namespace(), pod.name());
        eviction.set(new LinkedHashMap<>(), "deleteOptions");
        if (grace >= 0) {
            eviction.set(grace, "deleteOptions", "gracePeriodSeconds");
        }
        session.client().post(Resources.PODS, pod.namespace(), pod.name(), "eviction", eviction);
    }

    /** Or one of its name is another. */
    private boolean isGone(Unstructured pod) {
        try {
            Revision now = session.client().get(Resources.PODS, pod.namespace(), pod.name());
            return !now.uid().equals(pod.uid());
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return true;
            }
            throw e;
        }
    }
}
