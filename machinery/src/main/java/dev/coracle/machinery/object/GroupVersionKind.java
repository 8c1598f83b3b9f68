package dev.coracle.machinery.object;

/** {@code apps/v1, Kind=Deployment}; the core group is {@code ""}. */
public record GroupVersionKind(String group, String version, String kind) {
    /** From an object's {@code apiVersion} ({@code v1}, {@code apps/v1}) and {@code kind}. */
    public static GroupVersionKind of(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        return slash < 0
                ? new GroupVersionKind("", apiVersion, kind)
                : new GroupVersionKind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
