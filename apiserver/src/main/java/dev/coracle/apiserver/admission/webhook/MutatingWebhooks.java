package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Mutation;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Reinvocation;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import java.util.List;
import java.util.Optional;

/** Asks one webhook after another; each sees what those before it made of the object. */
public final class MutatingWebhooks {
    private final Configurations configurations;
    private final Selection selection;
    private final Versions versions;
    private final Mutation mutation;
    private final Calls calls;

    public MutatingWebhooks(Objects objects, Kinds kinds, Authorizer authorizer, Calls calls) {
        this.configurations = new Configurations(objects, "mutatingwebhookconfigurations");
        this.mutation = new Mutation(kinds);
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
        Reinvocation.Turn turn = reinvocation.webhooks();
        turn.begin(request.object());
        for (Webhook webhook : all) {
            Optional<Invocation> invocation = selection.select(webhook, request);
            if (invocation.isPresent() && !turn.skips(webhook.id())) {
                Optional<Review.Answer> answer = calls.ask(invocation.get(), request, versions, true);
                boolean changed = answer.isPresent() && apply(answer.get(), invocation.get(), request, complete);
                turn.asked(webhook.id(), webhook.reinvoked(), changed);
            }
        }
        turn.end(request.object());
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
        try {
            return mutation.take(
                    request,
                    invocation.resource(),
                    JsonPatch.apply(
                            versions.shown(object, invocation.resource()).map(), answer.patch()),
                    complete);
        } catch (IllegalArgumentException e) {
            throw StatusException.internal(String.valueOf(e.getMessage()));
        }
    }
}
