package dev.coracle.machinery.object;

/** {@code apps/v1, Resource=deployments}: what a URL path names. */
public record GroupVersionResource(String group, String version, String resource) {
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** {@code deployments.apps}, or {@code pods}: how messages name it. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    /** {@code /api/v1} or {@code /apis/apps/v1}. */
    public String prefix() {
        return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
    }
}
