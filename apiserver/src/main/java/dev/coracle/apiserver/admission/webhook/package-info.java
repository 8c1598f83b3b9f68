/**
 * Admission webhooks: servers of users that are asked whether a write may be done, and what is to be changed in it.
 *
 * <p>A {@link dev.coracle.apiserver.admission.webhook.Webhook} is one entry of a configuration. Whether it is asked
 * {@link dev.coracle.apiserver.admission.webhook.Selection} decides; the question and the answer are a
 * {@link dev.coracle.apiserver.admission.webhook.Review}; {@link dev.coracle.apiserver.admission.webhook.WebhookClients}
 * carries them. {@link dev.coracle.apiserver.admission.webhook.MutatingWebhooks} asks one after another,
 * {@link dev.coracle.apiserver.admission.webhook.ValidatingWebhooks} all at once. Nobody holds a lock meanwhile.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.admission.webhook;
