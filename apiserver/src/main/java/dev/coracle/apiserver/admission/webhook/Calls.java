package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.StatusException;
import java.util.Optional;

/** Asks one webhook, and does what its configuration says where it gives no answer. */
public final class Calls {
    private static final System.Logger LOG = System.getLogger("coracle.apiserver");

    private final WebhookClients clients;
    private final Entropy entropy;

    public Calls(WebhookClients clients, Entropy entropy) {
        this.clients = clients;
        this.entropy = entropy;
    }

    /**
     * @return empty where a failure is ignored
     * @throws StatusException where it refuses or, unless that is ignored, cannot be asked
     */
    Optional<Review.Answer> ask(Invocation invocation, AdmissionRequest request, Versions versions, boolean mutating) {
        Webhook webhook = invocation.webhook();
        if (request.dryRun() && !webhook.allowsDryRun()) {
            throw StatusException.badRequest("admission webhook \"" + webhook.name() + "\" does not support dry run");
        }
        try {
            Review review =
                    Review.of(invocation, request, versions, entropy.uuid().toString());
            byte[] body = clients.post(webhook.endpoint(), review.question(), webhook.timeout());
            Review.Answer answer = review.read(body, mutating);
            answer.warnings().forEach(request.warnings());
            if (!answer.allowed()) {
                throw review.denied(answer);
            }
            return Optional.of(answer);
        } catch (CallFailure e) {
            if (webhook.ignoresFailures()) {
                LOG.log(System.Logger.Level.WARNING, "Failing open: {0}", e.of(webhook));
                return Optional.empty();
            }
            LOG.log(System.Logger.Level.WARNING, "Failing closed: {0}", e.of(webhook));
            throw StatusException.internal(e.of(webhook));
        }
    }
}
