package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Objects;

/** What both kinds of webhook configurations have in common: nearly all. */
final class WebhookConfigurations {
    private static final long TIMEOUT = 10;

    private WebhookConfigurations() {}

    static ResourceDefinition define(String kind, String plural, boolean mutating) {
        return DefinitionBuilder.clusterScoped("admissionregistration.k8s.io", "v1", kind, plural)
                .categories("api-extensions")
                .defaults(o -> o.objects("webhooks").forEach(w -> complete(w, mutating)))
                .rules((findings, o, old) -> new WebhookRules(findings, mutating).check(o, old))
                .generations((next, old) -> !Objects.equals(next.get("webhooks"), old.get("webhooks")))
                .columns(
                        NAME, text("Webhooks", o -> (long) o.objects("webhooks").size()), AGE)
                .build();
    }

    private static void complete(Unstructured webhook, boolean mutating) {
        absent(webhook, "Fail", "failurePolicy");
        absent(webhook, TIMEOUT, "timeoutSeconds");
        MatchDefaults.complete(webhook);
        if (mutating) {
            absent(webhook, "Never", "reinvocationPolicy");
        }
        if (webhook.has("clientConfig", "service")) {
            absent(webhook, 443L, "clientConfig", "service", "port");
        }
    }
}
