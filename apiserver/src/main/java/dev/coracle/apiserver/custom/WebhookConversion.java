package dev.coracle.apiserver.custom;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Asks a definition's conversion webhook to make one version of an object of another: {@code apiextensions.k8s.io/v1
 * ConversionReview}, one object at a time; a revision remembers what became of it.
 */
public final class WebhookConversion {
    /** Where webhooks are asked. */
    @FunctionalInterface
    public interface Post {
        /**
         * The body of the answer.
         *
         * @param client a {@code WebhookClientConfig}
         * @throws IOException with Go's words for what went wrong
         */
        byte[] post(Unstructured client, byte[] body) throws IOException;
    }

    private final Unstructured client;
    private final String reviewVersion;
    private final Post post;
    private final Supplier<UUID> uids;

    /** @param webhook {@code spec.conversion.webhook} */
    WebhookConversion(Unstructured webhook, Post post, Supplier<UUID> uids) {
        this.client = webhook.object("clientConfig");
        this.reviewVersion = webhook.stringList("conversionReviewVersions").stream()
                .filter(v -> v.equals("v1") || v.equals("v1beta1"))
                .findFirst()
                .orElse("v1");
        this.post = post;
        this.uids = uids;
    }

    /**
     * @param o is left as it is
     * @throws StatusException 500 when the webhook does not do what it is for
     */
    Unstructured convert(Unstructured o, String apiVersion) {
        if (o.apiVersion().equals(apiVersion)) {
            return o;
        }
        try {
            return checked(o, apiVersion, ask(o, apiVersion));
        } catch (IOException | MalformedJsonException e) {
            throw StatusException.internal(
                    "conversion webhook for " + o.apiVersion() + ", Kind=" + o.kind() + " failed: " + e.getMessage());
        }
    }

    private Unstructured ask(Unstructured o, String apiVersion) throws IOException {
        String uid = uids.get().toString();
        String version = "apiextensions.k8s.io/" + reviewVersion;
        Unstructured review = Unstructured.of(version, "ConversionReview")
                .set(uid, "request", "uid")
                .set(apiVersion, "request", "desiredAPIVersion")
                .set(List.of(o.map()), "request", "objects");
        Unstructured answer = Unstructured.parse(post.post(client, review.json()));
        Unstructured response = answer.object("response");
        if (!answer.kind().equals("ConversionReview") || !answer.apiVersion().equals(version)) {
            throw new IOException("expected webhook response of " + version + ", Kind=ConversionReview, got "
                    + answer.apiVersion() + ", Kind=" + answer.kind());
        }
        if (!response.string("uid").equals(uid) && !reviewVersion.equals("v1beta1")) {
            throw new IOException("expected response.uid=\"" + uid + "\", got \"" + response.string("uid") + "\"");
        }
        if (!response.string("result", "status").equals("Success")) {
            String why = response.string("result", "message");
            throw new IOException(
                    response.string("result", "status").equals("Failure")
                            ? why.isEmpty() ? "webhook returned unsuccessful response" : why
                            : "response.result.status was '" + response.string("result", "status")
                                    + "', not 'Success'");
        }
        List<Unstructured> converted = response.objects("convertedObjects");
        if (converted.size() != 1) {
            throw new IOException("webhook returned " + converted.size() + " objects, expected 1");
        }
        return converted.getFirst();
    }

    /** What an object is called and who it is no version may change; labels and annotations it may. */
    private static Unstructured checked(Unstructured o, String apiVersion, Unstructured converted) throws IOException {
        if (!converted.apiVersion().equals(apiVersion) || !converted.kind().equals(o.kind())) {
            throw new IOException(
                    "webhook returned invalid converted object at index 0: invalid groupVersion, expected "
                            + apiVersion + ", Kind=" + o.kind() + ", got " + converted.apiVersion() + ", Kind="
                            + converted.kind());
        }
        for (String field : List.of("name", "namespace", "uid")) {
            if (!Objects.equals(o.get("metadata", field), converted.get("metadata", field))) {
                throw new IOException("webhook returned invalid metadata at index 0: must have the same " + field);
            }
        }
        Map<String, Object> metadata = new LinkedHashMap<>(o.object("metadata").map());
        for (String free : List.of("labels", "annotations")) {
            metadata.remove(free);
            if (converted.has("metadata", free)) {
                metadata.put(free, Objects.requireNonNull(converted.get("metadata", free)));
            }
        }
        return converted.copy().set(metadata, "metadata");
    }
}
