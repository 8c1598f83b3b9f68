package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.apiserver.admission.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.AdmissionRequest.Operation;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses pods that break the standard their namespace enforces. What makes pods is never refused, only warned of, so
 * that who writes it learns at once why no pod will come. A namespace that becomes stricter says which of its pods
 * would not get in any more; they stay. Nothing is exempt, and a namespace without labels allows all.
 */
public final class PodSecurity implements AdmissionPlugin {
    /** Changes no pod, whatever it changes. */
    private static final Set<String> HARMLESS =
            Set.of("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status");

    /** Where a resource has the template of its pods. */
    private static final Map<String, String[]> TEMPLATES = Map.of(
            "podtemplates", new String[] {"template"},
            "replicationcontrollers", new String[] {"spec", "template"},
            "replicasets.apps", new String[] {"spec", "template"},
            "deployments.apps", new String[] {"spec", "template"},
            "statefulsets.apps", new String[] {"spec", "template"},
            "daemonsets.apps", new String[] {"spec", "template"},
            "jobs.batch", new String[] {"spec", "template"},
            "cronjobs.batch", new String[] {"spec", "jobTemplate", "spec", "template"});

    private final Objects objects;

    public PodSecurity(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.operation() != Operation.CREATE && request.operation() != Operation.UPDATE) {
            return;
        }
        String[] template = TEMPLATES.get(request.resource().groupResource());
        if (request.resource().equals(Resources.PODS)) {
            pod(request);
        } else if (!request.subresource().isEmpty()) {
            return;
        } else if (request.resource().equals(Resources.NAMESPACES)) {
            namespace(request);
        } else if (template != null && request.object().has(template)) {
            Standard warn = policy(request).warn();
            warn(request, warn, violations(warn, request.object().object(template)));
        }
    }

    private Policy policy(AdmissionRequest request) {
        return Policy.of(objects.get(Resources.NAMESPACES, "", request.namespace())
                .orElseThrow(() ->
                        new StatusException(500, "InternalError", "failed to lookup namespace " + request.namespace()))
                .object()
                .labels());
    }

    private static List<Violation> violations(Standard standard, Unstructured podOrTemplate) {
        return Check.violations(Checks.ALL, standard, Subject.of(podOrTemplate));
    }

    private static void warn(AdmissionRequest request, Standard standard, List<Violation> broken) {
        if (!broken.isEmpty()) {
            request.warnings().accept("would violate PodSecurity \"" + standard + "\": " + Violation.details(broken));
        }
    }

    // ---- pods

    private void pod(AdmissionRequest request) {
        if (HARMLESS.contains(request.subresource())
                || request.operation() == Operation.UPDATE
                        && !Significance.isSignificant(request.object(), request.oldObject())) {
            return;
        }
        Policy policy = policy(request);
        List<Violation> broken = violations(policy.enforce(), request.object());
        if (!broken.isEmpty()) {
            throw StatusException.forbidden(
                    request.resource(),
                    request.name(),
                    "violates PodSecurity \"" + policy.enforce() + "\": " + Violation.details(broken));
        }
        warn(request, policy.warn(), violations(policy.warn(), request.object()));
    }

    // ---- namespaces

    private void namespace(AdmissionRequest request) {
        Policy now = Policy.of(request.object().labels());
        Policy before = Policy.of(request.oldObject().labels());
        // Labels that mean nothing and were there already keep nobody from changing another thing.
        if (!now.errors().isEmpty() && !now.errors().equals(before.errors())) {
            throw StatusException.invalid(
                    new GroupVersionKind("", "v1", "Namespace"),
                    request.object().name(),
                    now.errors());
        }
        boolean relaxed = now.enforce().minor() == before.enforce().minor()
                && now.enforce().level().compareTo(before.enforce().level()) <= 0;
        if (request.operation() == Operation.UPDATE && !relaxed && now.enforce().level() != Level.PRIVILEGED) {
            List<Unstructured> pods = objects
                    .list(Resources.PODS, request.object().name())
                    .stream()
                    .map(Revision::object)
                    .toList();
            ExistingPods.warnings(request.object().name(), now.enforce(), pods).forEach(request.warnings());
        }
    }
}
