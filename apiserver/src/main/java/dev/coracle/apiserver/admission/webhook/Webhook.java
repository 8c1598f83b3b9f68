package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.Selector;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One webhook of a configuration, read once.
 *
 * @param id tells it from all others, also from those of the same name
 */
record Webhook(
        String id,
        String name,
        Selector selector,
        List<Unstructured> conditions,
        boolean ignoresFailures,
        boolean reinvoked,
        String sideEffects,
        Duration timeout,
        List<String> reviewVersions,
        Endpoint endpoint) {

    static List<Webhook> of(Revision configuration) {
        List<Webhook> all = new ArrayList<>();
        for (Unstructured w : configuration.object().objects("webhooks")) {
            all.add(new Webhook(
                    configuration.name() + "/" + w.string("name") + "/" + all.size(),
                    w.string("name"),
                    Selector.ofWebhook(w),
                    w.objects("matchConditions"),
                    w.string("failurePolicy").equals("Ignore"),
                    w.string("reinvocationPolicy").equals("IfNeeded"),
                    w.string("sideEffects"),
                    Duration.ofSeconds(w.integer(10, "timeoutSeconds")),
                    w.stringList("admissionReviewVersions"),
                    Endpoint.of(w.object("clientConfig"))));
        }
        return all;
    }

    /** Whether a dry run leaves nothing behind at the webhook. */
    boolean allowsDryRun() {
        return sideEffects.equals("None") || sideEffects.equals("NoneOnDryRun");
    }
}
