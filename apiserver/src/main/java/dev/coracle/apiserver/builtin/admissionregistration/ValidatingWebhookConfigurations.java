package dev.coracle.apiserver.builtin.admissionregistration;

import dev.coracle.apiserver.definition.ResourceDefinition;

/** Webhooks that may refuse what is written. */
public final class ValidatingWebhookConfigurations {
    public static final ResourceDefinition DEFINITION =
            WebhookConfigurations.define("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false);

    private ValidatingWebhookConfigurations() {}
}
