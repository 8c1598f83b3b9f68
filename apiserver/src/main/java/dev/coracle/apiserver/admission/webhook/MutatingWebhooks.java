package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.schema.FieldCheck;
import dev.coracle.machinery.schema.UnknownFields;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks one webhook after another; each sees what those before it made of the object. */
public final class MutatingWebhooks {
    private final Configurations configurations;
    private final Selection selection;
    private final Versions versions;
    private final Kinds kinds;
    private final Calls calls;

    public MutatingWebhooks(Objects objects, Kinds kinds, Authorizer authorizer, Calls calls) {
        this.configurations = new Configurations(objects, "mutatingwebhookconfigurations");
        this.kinds = kinds;
        this.versions = new Versions(kinds);
        this.selection = new Selection(objects, versions, new Conditions(versions, authorizer));
        this.calls = calls;
    }

    /** @param complete fills in the defaults of what a webhook changed */
    public void admit(AdmissionRequest request, Runnable complete, Reinvocation reinvocation) {
        List<Webhook> all = Requests.isExempt(request) ? List.of() : configurations.webhooks();
        if (all.isEmpty()) {
            return;
        }
        reinvocation.begin(request.object());
        for (Webhook webhook : all) {
            Optional<Invocation> invocation = selection.select(webhook, request);
            if (invocation.isPresent() && !reinvocation.skips(webhook)) {
                Optional<Review.Answer> answer = calls.ask(invocation.get(), request, versions, true);
                boolean changed = answer.isPresent() && apply(answer.get(), invocation.get(), request, complete);
                reinvocation.asked(webhook, changed);
            }
        }
        reinvocation.end(request.object());
    }

    private boolean apply(Review.Answer answer, Invocation invocation, AdmissionRequest request, Runnable complete) {
        if (answer.patch().isEmpty()) {
            return false;
        }
        Unstructured object = request.object();
        if (object.map().isEmpty()) {
            throw StatusException.internal("admission webhook \""
                    + invocation.webhook().name()
                    + "\" attempted to modify the object, which is not supported for this operation");
        }
        Map<String, Object> before = Json.copy(object.map());
        Unstructured patched = patched(versions.shown(object, invocation.resource()), answer.patch());
        Map<String, Object> stored =
                versions.stored(patched, invocation.resource()).map();
        object.map().clear();
        object.map().putAll(stored);
        complete.run();
        return !object.map().equals(before);
    }

    @SuppressWarnings("unchecked")
    private Unstructured patched(Unstructured shown, List<?> operations) {
        Object result;
        try {
            result = JsonPatch.apply(shown.map(), operations);
        } catch (IllegalArgumentException e) {
            throw StatusException.internal(String.valueOf(e.getMessage()));
        }
        if (!(result instanceof Map<?, ?> map)) {
            throw StatusException.internal("couldn't get version/kind; json parse error");
        }
        Unstructured patched = new Unstructured((Map<String, Object>) map);
        if (!patched.groupVersionKind().equals(shown.groupVersionKind())) {
            throw StatusException.internal("unable to decode " + patched.apiVersion() + ", Kind=" + patched.kind()
                    + " into " + shown.apiVersion() + ", Kind=" + shown.kind());
        }
        kinds.schema(shown.groupVersionKind()).ifPresent(schema -> {
            FieldCheck.check(schema, patched.map()).wrongType().ifPresent(why -> {
                throw StatusException.internal(why);
            });
            UnknownFields.drop(schema, patched.map());
        });
        return patched;
    }
}
