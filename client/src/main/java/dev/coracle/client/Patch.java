package dev.coracle.client;

/** @param body a JSON document; for {@link Type#APPLY} the intent, YAML allowed */
public record Patch(Type type, byte[] body) {
    public enum Type {
        JSON("application/json-patch+json"),
        MERGE("application/merge-patch+json"),
        STRATEGIC("application/strategic-merge-patch+json"),
        APPLY("application/apply-patch+yaml");

        private final String mediaType;

        Type(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }
    }

    public static Patch merge(dev.coracle.machinery.object.Unstructured patch) {
        return new Patch(Type.MERGE, patch.json());
    }

    public static Patch strategic(dev.coracle.machinery.object.Unstructured patch) {
        return new Patch(Type.STRATEGIC, patch.json());
    }

    public static Patch apply(dev.coracle.machinery.object.Unstructured intent) {
        return new Patch(Type.APPLY, intent.json());
    }
}
