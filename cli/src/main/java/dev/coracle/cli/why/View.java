package dev.coracle.cli.why;

import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the API shows to who asks, each list read once. What may not be read is remembered, and never taken for missing. */
public final class View {
    /** A page: nobody's cluster is too large to be looked at. */
    private static final int PAGE = 500;

    /** Reads the end of a container's log. */
    @FunctionalInterface
    public interface Logs {
        /** @throws StatusException where there is none */
        String tail(Unstructured pod, String container, boolean previous);
    }

    private record Key(GroupVersionResource resource, String namespace) {}

    private final Client client;
    private final Clock clock;
    private final Logs logs;
    private final Map<Key, List<Unstructured>> lists = new HashMap<>();
    private final Map<Key, Map<String, Optional<Unstructured>>> objects = new HashMap<>();
    private final Set<String> unread = new TreeSet<>();

    public View(Client client, Clock clock, Logs logs) {
        this.client = client;
        this.clock = clock;
        this.logs = logs;
    }

    Instant now() {
        return clock.now();
    }

    /** How long ago something happened; nothing for what never did. */
    Duration since(Optional<Instant> then) {
        return then.map(t -> Duration.between(t, now())).orElse(Duration.ZERO);
    }

    /** {@code pods in shop}: what nothing can be said about. */
    List<String> unread() {
        return List.copyOf(unread);
    }

    /** @param namespace {@code ""} for all of them */
    List<Unstructured> list(GroupVersionResource resource, String namespace) {
        Key key = new Key(resource, namespace);
        List<Unstructured> known = lists.get(key);
        if (known == null) {
            known = read(resource, namespace);
            lists.put(key, known);
        }
        return known;
    }

    private List<Unstructured> read(GroupVersionResource resource, String namespace) {
        List<Unstructured> all = new ArrayList<>();
        String next = "";
        try {
            do {
                RevisionList page = client.list(resource, namespace, new ListOptions("", "", "", PAGE, next, false));
                page.items().stream().map(Revision::object).forEach(all::add);
                next = page.continueToken();
            } while (!next.isEmpty());
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                unread(resource, namespace, e);
            }
        }
        return all;
    }

    private void unread(GroupVersionResource resource, String namespace, StatusException e) {
        unread.add(resource.resource() + (namespace.isEmpty() ? "" : " in " + namespace) + ": " + e.getMessage());
    }

    Optional<Unstructured> get(GroupVersionResource resource, String namespace, String name) {
        List<Unstructured> listed = lists.get(new Key(resource, namespace));
        if (listed != null && !listed.isEmpty()) {
            Optional<Unstructured> found =
                    listed.stream().filter(o -> o.name().equals(name)).findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        Map<String, Optional<Unstructured>> known =
                objects.computeIfAbsent(new Key(resource, namespace), k -> new HashMap<>());
        Optional<Unstructured> one = known.get(name);
        if (one == null) {
            try {
                one = Optional.of(client.get(resource, namespace, name).object());
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    unread(resource, namespace, e);
                    return Optional.empty();
                }
                one = Optional.empty();
            }
            known.put(name, one);
        }
        return one;
    }

    /** Whether the server says that there is no such object; what may not be read is not missing. */
    boolean missing(GroupVersionResource resource, String namespace, String name) {
        return get(resource, namespace, name).isEmpty()
                && objects.getOrDefault(new Key(resource, namespace), Map.of()).containsKey(name);
    }

    /** Whether nothing of a kind is there, or it is not known. */
    boolean none(GroupVersionResource resource, String namespace) {
        return list(resource, namespace).isEmpty() && !mayNotRead(resource);
    }

    /** Whether some of a kind could not be read, so that nothing can be said of what is not there. */
    boolean mayNotRead(GroupVersionResource resource) {
        return unread.stream().anyMatch(u -> u.startsWith(resource.resource()));
    }

    /** Warnings about an object, the newest first. */
    List<Unstructured> warnings(Unstructured about) {
        return list(Resources.EVENTS, about.namespace().isEmpty() ? "default" : about.namespace()).stream()
                .filter(e -> e.string("type").equals("Warning")
                        && e.string("involvedObject", "kind").equals(about.kind())
                        && e.string("involvedObject", "name").equals(about.name())
                        && (about.uid().isEmpty()
                                || !e.has("involvedObject", "uid")
                                || e.string("involvedObject", "uid").equals(about.uid())))
                .sorted(Comparator.comparing(View::time).reversed())
                .toList();
    }

    /** The newest warning for one of some reasons. */
    Optional<Unstructured> warning(Unstructured about, String... reasons) {
        List<String> wanted = List.of(reasons);
        return warnings(about).stream()
                .filter(e -> wanted.contains(e.string("reason")))
                .findFirst();
    }

    private static Instant time(Unstructured event) {
        return event.time("lastTimestamp")
                .or(() -> event.time("series", "lastObservedTime"))
                .or(() -> event.time("eventTime"))
                .or(() -> event.time("metadata", "creationTimestamp"))
                .orElse(Instant.EPOCH);
    }

    /** The last lines of a log, none where it cannot be read. */
    List<String> log(Unstructured pod, String container, boolean previous) {
        try {
            return logs.tail(pod, container, previous)
                    .lines()
                    .filter(l -> !l.isBlank())
                    .toList();
        } catch (StatusException e) {
            return List.of();
        }
    }

    /** A condition of a status; empty where it is not there. */
    static Unstructured condition(Unstructured object, String type) {
        return object.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .findFirst()
                .orElseGet(() -> Unstructured.parse("{}"));
    }
}
