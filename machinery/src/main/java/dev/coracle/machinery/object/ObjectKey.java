package dev.coracle.machinery.object;

/** Namespace and name of an object; the namespace is {@code ""} for cluster-scoped ones. */
public record ObjectKey(String namespace, String name) {
    public static ObjectKey of(Unstructured object) {
        return new ObjectKey(object.namespace(), object.name());
    }

    /** {@code namespace/name}, or {@code name} where there is no namespace. */
    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
