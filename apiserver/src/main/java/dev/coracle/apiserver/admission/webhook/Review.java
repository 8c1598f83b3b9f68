package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** An {@code AdmissionReview}: what a webhook is asked, and how its answer is read. */
final class Review {
    private static final String GROUP = "admission.k8s.io/";

    private final Webhook webhook;
    private final String version;
    private final String uid;
    private final Unstructured question;

    private Review(Webhook webhook, String version, String uid, Unstructured question) {
        this.webhook = webhook;
        this.version = version;
        this.uid = uid;
        this.question = question;
    }

    /**
     * @param uid tells this question from all others
     * @throws CallFailure for a webhook that knows no version we do
     */
    static Review of(Invocation invocation, AdmissionRequest request, Versions versions, String uid)
            throws CallFailure {
        String version = invocation.webhook().reviewVersions().stream()
                .filter(v -> v.equals("v1") || v.equals("v1beta1"))
                .findFirst()
                .orElseThrow(() -> new CallFailure("could not create admission objects: webhook does not accept known"
                        + " AdmissionReview versions (v1, v1beta1)"));
        Unstructured asked = Requests.described(request, versions, invocation.resource(), invocation.kind());
        asked.set(uid, "uid");
        Map<String, Object> tree = asked.map();
        // Null, as upstream, where there is none: webhooks in scripts look for the field.
        tree.put("object", shown(request.object(), invocation, versions));
        tree.put("oldObject", shown(request.oldObject(), invocation, versions));
        tree.put(
                "options",
                request.options().map().isEmpty() ? null : request.options().map());
        Unstructured review =
                Unstructured.of(GROUP + version, "AdmissionReview").set(asked, "request");
        return new Review(invocation.webhook(), version, uid, review);
    }

    @SuppressWarnings("NullAway") // null is JSON's
    private static Map<String, Object> shown(Unstructured object, Invocation invocation, Versions versions) {
        return object.map().isEmpty()
                ? null
                : versions.shown(object, invocation.resource()).map();
    }

    byte[] question() {
        return question.json();
    }

    /**
     * What a webhook answered.
     *
     * @param patch the operations of a JSON patch; empty for none
     */
    record Answer(boolean allowed, Unstructured status, List<?> patch, List<String> warnings) {}

    /** @throws CallFailure where upstream takes it for no answer */
    Answer read(byte[] body, boolean mutating) throws CallFailure {
        Unstructured review = parse(body);
        if (!(review.get("response") instanceof Map<?, ?>)) {
            throw invalid("webhook response was absent");
        }
        Unstructured response = review.object("response");
        boolean strict = version.equals("v1");
        if (strict && !response.string("uid").equals(uid)) {
            throw invalid("expected response.uid=\"" + uid + "\", got \"" + response.string("uid") + "\"");
        }
        if (strict
                && !(review.apiVersion().equals(GROUP + version)
                        && review.kind().equals("AdmissionReview"))) {
            String got = review.apiVersion().isEmpty() ? "/" : review.apiVersion();
            throw invalid("expected webhook response of " + GROUP + version + ", Kind=AdmissionReview, got " + got
                    + ", Kind=" + review.kind());
        }
        byte[] patch = patch(response);
        if (strict) {
            checkPatch(response, patch, mutating);
        }
        return new Answer(
                response.bool("allowed"),
                response.object("status"),
                mutating && patch.length > 0 ? operations(patch) : List.of(),
                response.stringList("warnings"));
    }

    private static Unstructured parse(byte[] body) throws CallFailure {
        if (body.length == 0) {
            throw new CallFailure("failed to call webhook: 0-length response with status code: 200 and content type: ");
        }
        try {
            return Unstructured.parse(body);
        } catch (MalformedJsonException e) {
            throw new CallFailure(
                    "failed to call webhook: couldn't get version/kind; json parse error: " + e.getMessage(), e);
        }
    }

    private static byte[] patch(Unstructured response) throws CallFailure {
        try {
            return Base64.getDecoder().decode(response.string("patch"));
        } catch (IllegalArgumentException e) {
            throw new CallFailure("failed to call webhook: illegal base64 data in response.patch", e);
        }
    }

    private static void checkPatch(Unstructured response, byte[] patch, boolean mutating) throws CallFailure {
        boolean typed = response.has("patchType");
        String type = response.string("patchType");
        if (!mutating) {
            if (patch.length > 0) {
                throw invalid("validating webhook may not return response.patch");
            }
            if (typed) {
                throw invalid("validating webhook may not return response.patchType");
            }
            return;
        }
        if (patch.length > 0 && !typed) {
            throw invalid("webhook returned response.patch but not response.patchType");
        }
        if (patch.length == 0 && typed) {
            throw invalid("webhook returned response.patchType but not response.patch");
        }
        if (typed && type.isEmpty()) {
            throw invalid("webhook returned invalid response.patchType of \"\"");
        }
        if (typed && !type.equals("JSONPatch")) {
            throw new CallFailure("unsupported patch type \"" + type + "\"");
        }
    }

    private static List<?> operations(byte[] patch) throws CallFailure {
        String undecodable = "received undecodable patch in webhook response: ";
        try {
            if (Json.parse(patch) instanceof List<?> list) {
                return list;
            }
        } catch (MalformedJsonException e) {
            throw new CallFailure(undecodable + e.getMessage(), e);
        }
        throw new CallFailure(undecodable + "json: cannot unmarshal into Go value of type jsonpatch.Patch");
    }

    private static CallFailure invalid(String why) {
        return new CallFailure("received invalid webhook response: " + why);
    }

    /** The refusal as the client sees it. */
    StatusException denied(Answer answer) {
        Unstructured status = answer.status();
        String by = "admission webhook \"" + webhook.name() + "\" denied the request";
        String message = status.string("message");
        String why = message.isEmpty() ? status.string("reason") : message;
        long code = status.integer(0, "code");
        return new StatusException(
                code < 400 || code > 599 ? 400 : (int) code,
                status.string("reason"),
                by + (why.isEmpty() ? " without explanation" : ": " + why),
                status.object("details").copy());
    }
}
