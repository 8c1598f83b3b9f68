package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks all webhooks at once, since none changes anything. */
public final class ValidatingWebhooks {
    private final Configurations configurations;
    private final Selection selection;
    private final Versions versions;
    private final Calls calls;
    private final Tasks tasks;

    public ValidatingWebhooks(Objects objects, Kinds kinds, Authorizer authorizer, Calls calls, Tasks tasks) {
        this.configurations = new Configurations(objects, "validatingwebhookconfigurations");
        this.versions = new Versions(kinds);
        this.selection = new Selection(objects, versions, new Conditions(versions, authorizer));
        this.calls = calls;
        this.tasks = tasks;
    }

    /** @throws StatusException the refusal of the first, by their order, that refuses */
    public void validate(AdmissionRequest request) {
        List<Webhook> all = Requests.isExempt(request) ? List.of() : configurations.webhooks();
        List<Question> questions = all.stream()
                .flatMap(w -> selection.select(w, request).stream())
                .map(i -> new Question(i, request))
                .toList();
        if (questions.isEmpty()) {
            return;
        }
        List<Tasks.Task> others = new ArrayList<>();
        for (Question q : questions.subList(1, questions.size())) {
            others.add(tasks.start("validating webhook", q));
        }
        questions.getFirst().run();
        try {
            for (Tasks.Task other : others) {
                while (!other.join(Duration.ofMinutes(1))) {
                    // Its own timeout ends it sooner.
                }
            }
        } catch (InterruptedException e) {
            others.forEach(Tasks.Task::interrupt);
            Thread.currentThread().interrupt();
            throw new StatusException(504, "Timeout", "Timeout: request did not complete within requested timeout");
        }
        questions.stream().flatMap(Question::refusal).findFirst().ifPresent(e -> {
            throw e;
        });
    }

    /** One webhook's turn. */
    private final class Question implements Runnable {
        private final Invocation invocation;
        private final AdmissionRequest request;
        private volatile Optional<RuntimeException> refused =
                Optional.of(StatusException.internal("a validating webhook was not asked"));

        Question(Invocation invocation, AdmissionRequest request) {
            this.invocation = invocation;
            this.request = request;
        }

        @Override
        public void run() {
            try {
                calls.ask(invocation, request, versions, false);
                refused = Optional.empty();
            } catch (RuntimeException e) {
                refused = Optional.of(e);
            }
        }

        Stream<RuntimeException> refusal() {
            return refused.stream();
        }
    }
}
