package dev.coracle.apiserver.http;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * All that is served in one document, {@code APIGroupDiscoveryList} (KEP-3352): a client with many groups asks once instead
 * of once for each. It is told whether its copy is still true.
 */
final class AggregatedDiscovery {
    private static final Set<String> VERSIONS = Set.of("v2", "v2beta1");

    private final Discovery discovery;

    private final Memo memo;

    AggregatedDiscovery(Discovery discovery, Memo memo) {
        this.discovery = discovery;
        this.memo = memo;
    }

    /** Answers {@code /api} or {@code /apis}, if that is how the client wants it. */
    boolean handles(Request request, Answer answer, String path) {
        if (!path.equals("/api") && !path.equals("/apis")) {
            return false;
        }
        String version = wanted(request.header("accept"));
        if (version.isEmpty()) {
            return false;
        }
        byte[] json = memo.of(version + path, () -> document(path, version));
        String hash = UUID.nameUUIDFromBytes(json).toString().toUpperCase(Locale.ROOT);
        String etag = "\"" + hash + "\"";
        if (request.header("if-none-match").equals(etag)) {
            answer.send(304, "", new byte[0], Map.of("etag", etag));
            return true;
        }
        answer.send(
                200,
                "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList",
                json,
                Map.of("etag", etag, "vary", "Accept"));
        return true;
    }

    private byte[] document(String path, String version) {
        List<Object> groups = new ArrayList<>();
        if (path.equals("/api")) {
            groups.add(group("", List.of("v1")));
        } else {
            discovery.served().forEach((name, versions) -> groups.add(group(name, versions)));
        }
        return Json.bytes(Unstructured.of("apidiscovery.k8s.io/" + version, "APIGroupDiscoveryList")
                .set(new LinkedHashMap<>(), "metadata")
                .set(groups, "items")
                .map());
    }

    /** The version of the first clause that asks for this document before any asks for another; else empty. */
    private static String wanted(String accept) {
        for (String clause : accept.split(",")) {
            String c = clause.replace(" ", "").toLowerCase(Locale.ROOT);
            if (!c.startsWith("application/json")) {
                continue;
            }
            List<String> parameters = List.of(c.split(";"));
            if (!parameters.contains("as=apigroupdiscoverylist")) {
                return "";
            }
            for (String version : VERSIONS) {
                if (parameters.contains("g=apidiscovery.k8s.io") && parameters.contains("v=" + version)) {
                    return version;
                }
            }
        }
        return "";
    }

    private Map<String, Object> group(String name, List<String> versions) {
        List<Object> list = new ArrayList<>();
        for (String v : versions) {
            String groupVersion = name.isEmpty() ? v : name + "/" + v;
            Map<String, Object> version = new LinkedHashMap<>();
            version.put("version", v);
            version.put("resources", resources(name, v, new Unstructured(discovery.resources(groupVersion))));
            version.put("freshness", discovery.isCurrent(name, v) ? "Current" : "Stale");
            list.add(version);
        }
        Unstructured group = new Unstructured(new LinkedHashMap<>()).set(new LinkedHashMap<>(), "metadata");
        if (!name.isEmpty()) {
            group.set(name, "metadata", "name");
        }
        return group.set(list, "versions").map();
    }

    /** Of the older document's list, where subresources stand beside what they belong to. */
    private static List<Object> resources(String group, String version, Unstructured list) {
        Map<String, Unstructured> found = new LinkedHashMap<>();
        for (Unstructured r : list.objects("resources")) {
            String[] name = r.string("name").split("/", 2);
            Unstructured kind = new Unstructured(new LinkedHashMap<>())
                    .set(r.stringOr(r.has("version") ? "" : group, "group"), "group")
                    .set(r.stringOr(version, "version"), "version")
                    .set(r.kind(), "kind");
            Unstructured told = new Unstructured(new LinkedHashMap<>())
                    .set(name.length > 1 ? name[1] : name[0], name.length > 1 ? "subresource" : "resource")
                    .set(kind, "responseKind");
            if (name.length == 1) {
                told.set(r.bool("namespaced") ? "Namespaced" : "Cluster", "scope")
                        .set(r.string("singularName"), "singularResource");
            }
            told.set(r.stringList("verbs"), "verbs");
            if (name.length == 1) {
                if (r.has("shortNames")) {
                    told.set(r.stringList("shortNames"), "shortNames");
                }
                if (r.has("categories")) {
                    told.set(r.stringList("categories"), "categories");
                }
                found.put(name[0], told);
            } else {
                found.computeIfAbsent(
                                name[0], parent -> new Unstructured(new LinkedHashMap<>()).set(parent, "resource"))
                        .add(told, "subresources");
            }
        }
        return new ArrayList<>(found.values().stream().map(Unstructured::map).toList());
    }
}
