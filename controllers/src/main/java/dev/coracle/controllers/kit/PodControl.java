package dev.coracle.controllers.kit;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes and deletes pods for their owners, tells of it by events on the owner, and remembers it until the copy shows it;
 * as {@code RealPodControl} and {@code ControllerExpectations} in {@code controller_utils.go}.
 *
 * <p>What is to be made is a function, so that each may be another: {@link #pod} gives the pod that the template
 * describes, whose name the server makes of the owner's; a controller may set {@code metadata.name} or another {@code
 * generateName}, labels, finalizers, a node.
 */
public final class PodControl {
    private static final int LONGEST_NAME = 253;
    /** The server drew so many names, and all were taken. */
    private static final int DRAWS = 8;

    private final Client client;
    private final EventRecorder events;
    private final Clock clock;
    private final Tasks tasks;
    private final Informer pods;
    private final Expectations expectations = new Expectations();

    /** Something was refused; {@code reason} is that of the event, and of a condition {@code ReplicaFailure}. */
    public record Failure(String reason, StatusException cause) {}

    /** @param events {@code (o, t, r, m) -> {}} for who has words of its own */
    public PodControl(ControllerContext world, EventRecorder events, Informer pods) {
        this.client = world.client();
        this.events = events;
        this.clock = world.environment().clock();
        this.tasks = world.environment().tasks();
        this.pods = pods;
    }

    /** The pod that a template describes, owned by {@code owner}; to be changed at will. */
    public static Unstructured pod(Unstructured owner, Unstructured template) {
        Unstructured from = template.copy();
        Unstructured pod = Unstructured.of("v1", "Pod");
        for (String field : List.of("labels", "annotations", "finalizers")) {
            pod.set(from.get("metadata", field), "metadata", field);
        }
        String dashed = owner.name() + "-";
        pod.set(dashed.length() > LONGEST_NAME ? owner.name() : dashed, "metadata", "generateName");
        return pod.set(from.get("spec"), "spec").addOwner(Owned.reference(owner));
    }

    /** Makes one, and tells of it or of why not; throws the refusal. */
    public Revision create(Unstructured owner, Unstructured pod) {
        for (int draw = 1; ; draw++) {
            try {
                Revision made = client.create(Resources.PODS, owner.namespace(), pod, WriteOptions.DEFAULT);
                expectations.created(ObjectKey.of(owner), made.name(), clock.now());
                events.normal(owner, "SuccessfulCreate", "Created pod: " + made.name());
                return made;
            } catch (StatusException e) {
                if (e.isAlreadyExists() && pod.name().isEmpty() && draw < DRAWS) {
                    continue;
                }
                if (Live.isUnsure(e)) {
                    if (pod.name().isEmpty()) {
                        expectations.perhapsCreated(ObjectKey.of(owner), clock.now());
                    } else {
                        expectations.created(ObjectKey.of(owner), pod.name(), clock.now());
                    }
                }
                if (!Live.isTerminating(e)) {
                    events.warning(owner, "FailedCreate", "Error creating: " + e.getMessage());
                }
                throw e;
            }
        }
    }

    /**
     * Makes {@code count} pods by {@link SlowStart}; nothing is expected of those that were skipped. That the namespace
     * is going is no failure: the owner goes with it, and to try again would only make noise.
     *
     * @param each the pod of a number from 0
     */
    public @Nullable Failure create(Unstructured owner, int count, IntFunction<Unstructured> each) {
        StatusException e =
                SlowStart.run(tasks, count, i -> create(owner, each.apply(i))).failure();
        return e == null || Live.isTerminating(e) ? null : new Failure("FailedCreate", e);
    }

    /** Deletes one, and tells of it or of why not; false when it was gone already. Throws the refusal. */
    public boolean delete(Unstructured owner, Unstructured pod) {
        ObjectKey key = ObjectKey.of(owner);
        expectations.deleted(key, pod.name(), clock.now());
        try {
            if (Live.delete(client, Resources.PODS, pod)) {
                events.normal(owner, "SuccessfulDelete", "Deleted pod: " + pod.name());
                return true;
            }
            expectations.notDeleted(key, pod.name());
            return false;
        } catch (StatusException e) {
            if (!Live.isUnsure(e)) {
                expectations.notDeleted(key, pod.name());
            }
            events.warning(owner, "FailedDelete", "Error deleting: " + e.getMessage());
            throw e;
        }
    }

    /** Deletes them all; the first refusal, if any was. */
    public @Nullable Failure delete(Unstructured owner, List<Unstructured> victims) {
        Queue<StatusException> failures = new ConcurrentLinkedQueue<>();
        Together.run(tasks, SlowStart.AT_ONCE, victims.size(), i -> {
            try {
                delete(owner, victims.get(i));
            } catch (StatusException e) {
                failures.add(e);
            }
        });
        StatusException first = failures.peek();
        return first == null ? null : new Failure("FailedDelete", first);
    }

    /**
     * Whether the copy shows all that was done for the owner: only then may it be counted. To be asked before the pods are
     * read, or what comes in between would be missed; a controller whose answer is no looks again after {@link
     * Expectations#LONG} at the latest.
     */
    public boolean isSettled(ObjectKey owner) {
        String namespace = owner.namespace();
        return expectations.settled(
                owner,
                new Expectations.Sight() {
                    @Override
                    public boolean has(String pod) {
                        return pods.get(namespace, pod).isPresent();
                    }

                    @Override
                    public boolean hasLive(String pod) {
                        return pods.get(namespace, pod)
                                .map(p -> !p.isDeleting())
                                .orElse(false);
                    }

                    @Override
                    public boolean exists(String pod) {
                        return Live.find(client, Resources.PODS, namespace, pod).isPresent();
                    }

                    @Override
                    public boolean stays(String pod) {
                        return Live.find(client, Resources.PODS, namespace, pod)
                                .filter(p -> !p.isDeleting())
                                .isPresent();
                    }
                },
                clock.now());
    }

    /** Expects nothing any more for owners that are gone. */
    public void forgets(Informer owners) {
        owners.handle((before, after) -> {
            if (before != null && (after == null || !after.uid().equals(before.uid()))) {
                expectations.forget(before.key());
            }
        });
    }
}
