package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.machinery.object.StatusException;
import java.util.Optional;

/** Whether a webhook is asked about a request, and in which version. */
final class Selection {
    private final Objects objects;
    private final Versions versions;
    private final Conditions conditions;

    Selection(Objects objects, Versions versions, Conditions conditions) {
        this.objects = objects;
        this.versions = versions;
        this.conditions = conditions;
    }

    /** @throws StatusException 404 for a namespace that there is not; 403 where a condition fails */
    Optional<Invocation> select(Webhook webhook, AdmissionRequest request) {
        return webhook.selector()
                .match(request, objects, versions)
                .map(r -> new Invocation(webhook, r, versions.kind(request, r)))
                .filter(i -> conditions.hold(i, request));
    }
}
