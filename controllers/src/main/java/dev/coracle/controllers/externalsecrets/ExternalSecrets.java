package dev.coracle.controllers.externalsecrets;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Stream;

/** The kinds, and what is read in them in several places. */
public final class ExternalSecrets {
    static final String GROUP = "external-secrets.io";
    public static final GroupVersionResource RESOURCE = new GroupVersionResource(GROUP, "v1", "externalsecrets");
    public static final GroupVersionResource STORES = new GroupVersionResource(GROUP, "v1", "secretstores");
    public static final GroupVersionResource CLUSTER_STORES =
            new GroupVersionResource(GROUP, "v1", "clustersecretstores");
    public static final String KIND = "ExternalSecret";
    static final String STORE = "SecretStore";
    static final String CLUSTER_STORE = "ClusterSecretStore";
    static final String READY = "Ready";

    /** Which store; its namespace is the ExternalSecret's. */
    record StoreRef(String kind, String name) {
        static StoreRef of(Unstructured ref) {
            return new StoreRef(ref.stringOr(STORE, "kind"), ref.string("name"));
        }

        boolean isOfCluster() {
            return kind.equals(CLUSTER_STORE);
        }
    }

    private ExternalSecrets() {}

    /** The store of one entry of {@code spec.data} or {@code spec.dataFrom}. */
    static StoreRef store(Unstructured externalSecret, Unstructured entry) {
        return StoreRef.of(
                entry.has("sourceRef", "storeRef")
                        ? entry.object("sourceRef", "storeRef")
                        : externalSecret.object("spec", "secretStoreRef"));
    }

    static List<StoreRef> stores(Unstructured externalSecret) {
        return Stream.concat(
                        externalSecret.objects("spec", "data").stream(),
                        externalSecret.objects("spec", "dataFrom").stream())
                .map(entry -> store(externalSecret, entry))
                .distinct()
                .toList();
    }

    /** Stores of another class are for another controller, which may run here as well. */
    static boolean isOurs(Unstructured store) {
        String controller = store.string("spec", "controller");
        return controller.isEmpty() || controller.equals("default");
    }

    static String target(Unstructured externalSecret) {
        String name = externalSecret.string("spec", "target", "name");
        return name.isEmpty() ? externalSecret.name() : name;
    }

    static String creationPolicy(Unstructured externalSecret) {
        return externalSecret.stringOr("Owner", "spec", "target", "creationPolicy");
    }

    static String deletionPolicy(Unstructured externalSecret) {
        return externalSecret.stringOr("Retain", "spec", "target", "deletionPolicy");
    }
}
