package dev.coracle.apiserver.aggregation;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What extension servers said last that they serve. What one says is taken apart and put together anew, so that it cannot
 * spoil the documents of all others.
 */
final class Discoveries {
    /** More than the largest lists take. */
    static final int MOST_RESOURCES = 4 << 20;

    private static final int MOST_SCHEMAS = 24 << 20;

    /**
     * @param resources of an {@code APIResourceList}
     * @param current whether it was said when it was asked last
     * @param hash of the version 3 OpenAPI document; {@code ""} where there is none
     * @param schemas the version 2 document, as far as it is about this group and version
     */
    record Discovered(List<Unstructured> resources, boolean current, String hash, Optional<Unstructured> schemas) {
        private static final Discovered NOTHING = new Discovered(List.of(), false, "", Optional.empty());
    }

    private final Endpoints endpoints;
    private final Downloads downloads;
    private final Map<String, Discovered> known = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();

    Discoveries(Endpoints endpoints, Downloads downloads) {
        this.endpoints = endpoints;
        this.downloads = downloads;
    }

    /** Rises with everything that becomes known or unknown. */
    long changes() {
        return changes.get();
    }

    Discovered of(Remote remote) {
        return known.getOrDefault(remote.name(), Discovered.NOTHING);
    }

    void forget(String name) {
        if (known.remove(name) != null) {
            changes.incrementAndGet();
        }
    }

    /** It does not answer: what it said last may be true no more. */
    void doubt(Remote remote) {
        Discovered last = of(remote);
        put(remote, new Discovered(last.resources(), false, last.hash(), last.schemas()));
    }

    void refresh(Remote remote) {
        try {
            InetSocketAddress at = endpoints.resolve(remote);
            List<Unstructured> resources = resources(
                    remote,
                    document(remote, at, remote.path(), MOST_RESOURCES)
                            .orElseThrow(() -> new IOException("no resources")));
            String hash = hash(remote, at);
            Discovered last = of(remote);
            boolean same = !hash.isEmpty()
                    && hash.equals(last.hash())
                    && resources.equals(last.resources())
                    && last.schemas().isPresent();
            // The larger of the two documents is fetched when the smaller says that something is new.
            put(remote, new Discovered(resources, true, hash, same ? last.schemas() : schemas(remote, at)));
        } catch (IOException | StatusException e) {
            doubt(remote);
        }
    }

    private void put(Remote remote, Discovered now) {
        if (!now.equals(known.put(remote.name(), now))) {
            changes.incrementAndGet();
        }
    }

    /** Empty where the server has no such document. */
    private Optional<Unstructured> document(Remote remote, InetSocketAddress at, String path, int most)
            throws IOException {
        Downloads.Answer answer = downloads.get(remote, remote.trust(), at, path, most);
        if (!answer.good()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Unstructured.parse(answer.body()));
        } catch (MalformedJsonException e) {
            throw new IOException(path + " is not JSON", e);
        }
    }

    private static List<Unstructured> resources(Remote remote, Unstructured list) throws IOException {
        if (!list.string("groupVersion").equals(remote.group() + "/" + remote.version())) {
            throw new IOException("it is of " + list.string("groupVersion"));
        }
        List<Unstructured> all = new ArrayList<>();
        for (Unstructured r : list.objects("resources")) {
            if (r.string("name").isEmpty() || r.kind().isEmpty()) {
                continue;
            }
            Unstructured told = new Unstructured(new LinkedHashMap<>())
                    .set(r.string("name"), "name")
                    .set(r.string("singularName"), "singularName")
                    .set(r.bool("namespaced"), "namespaced");
            for (String field : List.of("group", "version")) {
                if (r.get(field) instanceof String s) {
                    told.set(s, field);
                }
            }
            told.set(r.kind(), "kind").set(r.stringList("verbs"), "verbs");
            for (String field : List.of("shortNames", "categories")) {
                if (r.has(field)) {
                    told.set(r.stringList(field), field);
                }
            }
            all.add(told);
        }
        return List.copyOf(all);
    }

    /** What the index of the version 3 documents calls that of this group and version. */
    private String hash(Remote remote, InetSocketAddress at) throws IOException {
        String url = document(remote, at, "/openapi/v3", MOST_RESOURCES)
                .map(index -> index.string("paths", remote.path().substring(1), "serverRelativeURL"))
                .orElse("");
        int hash = url.indexOf("hash=");
        if (url.isEmpty()) {
            return "";
        }
        String found = hash < 0 ? "" : url.substring(hash + 5).replaceFirst("&.*", "");
        return found.matches("[A-Za-z0-9]{1,128}") ? found : "0";
    }

    private Optional<Unstructured> schemas(Remote remote, InetSocketAddress at) throws IOException {
        return document(remote, at, "/openapi/v2", MOST_SCHEMAS).map(d -> RemoteSchemas.of(remote, d));
    }
}
