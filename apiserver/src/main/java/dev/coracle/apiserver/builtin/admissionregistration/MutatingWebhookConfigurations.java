package dev.coracle.apiserver.builtin.admissionregistration;

import dev.coracle.apiserver.definition.ResourceDefinition;

/** Webhooks that may change what is written. */
public final class MutatingWebhookConfigurations {
    public static final ResourceDefinition DEFINITION =
            WebhookConfigurations.define("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", true);

    private MutatingWebhookConfigurations() {}
}
