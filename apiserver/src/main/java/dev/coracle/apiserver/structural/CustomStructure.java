package dev.coracle.apiserver.structural;

import dev.coracle.machinery.patch.apply.Structure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What server-side apply may split between owners, by {@code x-kubernetes-list-type} and {@code -map-type}. */
final class CustomStructure implements Structure {
    private final Node root;
    /** What a key's default is in the one list, or in all the lists, that have such a key. */
    private final Map<String, Optional<Object>> keyDefaults = new HashMap<>();

    CustomStructure(Node root) {
        this.root = root;
        collect(root);
    }

    private void collect(Node n) {
        if (n.items != null) {
            for (String key : n.listKeys) {
                Node field = n.items.child(key);
                Optional<Object> here = field == null ? Optional.empty() : Optional.ofNullable(field.fallback);
                keyDefaults.merge(key, here, (a, b) -> a.equals(b) ? a : Optional.empty());
            }
            collect(n.items);
        }
        if (n.additional != null) {
            collect(n.additional);
        }
        n.properties.values().forEach(this::collect);
    }

    @Override
    public @Nullable Object keyDefault(String key) {
        return keyDefaults.getOrDefault(key, Optional.empty()).orElse(null);
    }

    @Override
    public @Nullable List<String> listKeys(String path) {
        String[] steps = path.split("\\.", -1);
        Optional<List<String>> metadata = metadataKeys(steps);
        if (metadata.isPresent()) {
            return metadata.get();
        }
        Node n = at(steps, true);
        return n == null || n.listType == Node.ListType.ATOMIC
                ? null
                : n.listType == Node.ListType.SET ? List.of() : n.listKeys;
    }

    /** Metadata is what it is for every object, whether or not a schema says so. */
    private Optional<List<String>> metadataKeys(String[] steps) {
        int last = steps.length - 1;
        if (last < 1 || !steps[last - 1].equals("metadata")) {
            return Optional.empty();
        }
        List<String> keys = switch (steps[last]) {
            case "finalizers" -> List.of();
            case "ownerReferences" -> List.of("uid");
            default -> null;
        };
        if (keys == null) {
            return Optional.empty();
        }
        Node owner = last == 1 ? root : at(Arrays.copyOf(steps, last - 1), false);
        return owner != null && (owner == root || inner(owner).embedded) ? Optional.of(keys) : Optional.empty();
    }

    @Override
    public boolean atomicMap(String path) {
        if (path.isEmpty()) {
            return false;
        }
        Node n = at(path.split("\\.", -1), false);
        return n != null && inner(n).atomicMap;
    }

    /** Elements of lists are left out of paths. */
    private static Node inner(Node n) {
        Node in = n;
        while (in.items != null) {
            in = in.items;
        }
        return in;
    }

    /**
     * The place a path leads to, before the elements of a list; null where the schema knows none.
     *
     * @param list whether a list is looked for, where a path may lead to several places
     */
    private @Nullable Node at(String[] steps, boolean list) {
        Node n = root;
        for (int i = 0; i < steps.length; i++) {
            Node next = inner(n).child(steps[i]);
            if (next == null || !inner(n).properties.containsKey(steps[i])) {
                return withDots(n, steps, i, list);
            }
            n = next;
        }
        return n;
    }

    /**
     * From where a map of free keys begins, which may have dots in them: {@code labels.app.example.com} may be one
     * key or three. Goes on from every place that the steps so far may have led to.
     *
     * @param list whether a list is looked for
     */
    private static @Nullable Node withDots(Node from, String[] steps, int begin, boolean list) {
        List<Set<Node>> reached = new ArrayList<>();
        for (int i = begin; i <= steps.length; i++) {
            reached.add(new LinkedHashSet<>());
        }
        reached.getFirst().add(from);
        for (int i = begin; i < steps.length; i++) {
            for (Node n : reached.get(i - begin)) {
                StringBuilder name = new StringBuilder();
                for (int end = i; end < steps.length; end++) {
                    name.append(end == i ? "" : ".").append(steps[end]);
                    Node next = inner(n).child(name.toString());
                    if (next != null) {
                        reached.get(end + 1 - begin).add(next);
                    }
                }
            }
        }
        return reached.getLast().stream()
                .filter(n -> !list || n.items != null)
                .findFirst()
                .orElse(null);
    }
}
