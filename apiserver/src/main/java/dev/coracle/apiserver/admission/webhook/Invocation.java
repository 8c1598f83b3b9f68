package dev.coracle.apiserver.admission.webhook;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;

/**
 * That a webhook is asked.
 *
 * @param resource as its rules name it: perhaps in another version than the client did
 * @param kind of the objects it is shown
 */
record Invocation(Webhook webhook, GroupVersionResource resource, GroupVersionKind kind) {}
