package dev.coracle.apiserver.builtin.apps;

import dev.coracle.apiserver.builtin.core.PodRules;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.LabelSelectorRules;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for what keeps pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet. */
final class WorkloadRules {
    private final Findings findings;

    WorkloadRules(Findings findings) {
        this.findings = findings;
    }

    void deployment(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        counts(spec);
        strategy(spec);
        selected(spec, "deployment");
        template(spec, "ReplicaSet", Set.of());
        fixedSelector(spec, old);
    }

    void replicaSet(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        counts(spec);
        // Its empty selector is upstream called one of a deployment, too.
        selected(spec, "deployment");
        template(spec, "ReplicaSet", Set.of());
        fixedSelector(spec, old);
    }

    void daemonSet(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        counts(spec);
        daemonStrategy(spec);
        selected(spec, "daemonset");
        template(spec, "DaemonSet", Set.of());
        fixedSelector(spec, old);
    }

    void statefulSet(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        counts(spec);
        statefulStrategy(spec);
        selected(spec, "statefulset");
        Set<String> claims = new HashSet<>();
        spec.objects("volumeClaimTemplates").forEach(c -> claims.add(c.name()));
        template(spec, "StatefulSet", claims);
        if (old != null) {
            fixedSpec(spec, old);
        }
    }

    private void counts(Unstructured spec) {
        for (String field :
                new String[] {"replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"}) {
            findings.notNegative(spec, "spec", field);
        }
    }

    /** A selector must select what the template makes, or the controller would make more for ever. */
    private void selected(Unstructured spec, String kind) {
        Unstructured selector = spec.object("selector");
        boolean matches = false;
        if (!spec.has("selector")) {
            findings.required("spec.selector", "");
        } else if (selector.strings("matchLabels").isEmpty()
                && selector.objects("matchExpressions").isEmpty()) {
            findings.invalid("spec.selector", selector, "empty selector is invalid for " + kind);
            return;
        } else {
            matches = matches(spec, selector);
        }
        if (!matches) {
            Map<String, String> labels = spec.strings("template", "metadata", "labels");
            findings.invalid(
                    "spec.template.metadata.labels",
                    labels.isEmpty() ? null : labels,
                    "`selector` does not match template `labels`");
        }
    }

    private boolean matches(Unstructured spec, Unstructured selector) {
        LabelSelectorRules.check(findings, selector, "spec.selector");
        try {
            return LabelSelector.of(selector).matches(spec.strings("template", "metadata", "labels"));
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private void template(Unstructured spec, String kind, Set<String> claims) {
        Unstructured pod = spec.object("template", "spec");
        new MetadataRules(findings)
                .labels(spec.strings("template", "metadata", "labels"), "spec.template.metadata.labels");
        new PodRules(findings).spec(pod, "spec.template.spec", claims);
        String policy = pod.string("restartPolicy");
        if (policy.equals("OnFailure") || policy.equals("Never")) {
            findings.notSupported("spec.template.spec.restartPolicy", policy, "Always");
        }
        if (pod.has("activeDeadlineSeconds")) {
            findings.forbidden(
                    "spec.template.spec.activeDeadlineSeconds",
                    "activeDeadlineSeconds in " + kind + " is not Supported");
        }
    }

    private void strategy(Unstructured spec) {
        Unstructured strategy = spec.object("strategy");
        findings.oneOf(strategy, "spec.strategy", "type", "Recreate", "RollingUpdate");
        if (strategy.string("type").equals("Recreate") && strategy.has("rollingUpdate")) {
            findings.forbidden(
                    "spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }
        if (strategy.string("type").equals("RollingUpdate")) {
            rolling(strategy.object("rollingUpdate"), "spec.strategy.rollingUpdate");
        }
        long deadline = spec.integer(600, "progressDeadlineSeconds");
        if (deadline >= 0 && deadline <= spec.integer(0, "minReadySeconds")) {
            findings.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }

    private void rolling(Unstructured r, String path) {
        findings.share(r, path, "maxUnavailable");
        findings.share(r, path, "maxSurge");
        if (none(r.get("maxUnavailable")) && none(r.get("maxSurge"))) {
            findings.invalid(path + ".maxUnavailable", r.get("maxUnavailable"), "may not be 0 when `maxSurge` is 0");
        }
        if (r.get("maxUnavailable") instanceof String s
                && s.matches("[0-9]{1,9}%")
                && Integer.parseInt(s.substring(0, s.length() - 1)) > 100) {
            findings.invalid(path + ".maxUnavailable", s, "must not be greater than 100%");
        }
    }

    private static boolean none(@Nullable Object share) {
        return share instanceof Number n && n.longValue() == 0 || share instanceof String s && s.matches("0+%");
    }

    private void statefulStrategy(Unstructured spec) {
        String management = spec.string("podManagementPolicy");
        if (!management.equals("OrderedReady") && !management.equals("Parallel")) {
            findings.invalid("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'");
        }
        String type = spec.string("updateStrategy", "type");
        if (type.equals("OnDelete") && spec.has("updateStrategy", "rollingUpdate")) {
            findings.invalid(
                    "spec.updateStrategy.rollingUpdate",
                    spec.get("updateStrategy", "rollingUpdate"),
                    "only allowed for updateStrategy 'RollingUpdate'");
        } else if (!type.equals("OnDelete") && !type.equals("RollingUpdate")) {
            findings.invalid(
                    "spec.updateStrategy", spec.get("updateStrategy"), "must be 'RollingUpdate' or 'OnDelete'");
        }
        findings.notNegative(
                spec.object("updateStrategy", "rollingUpdate"), "spec.updateStrategy.rollingUpdate", "partition");
        for (String when : new String[] {"whenDeleted", "whenScaled"}) {
            findings.oneOf(
                    spec.object("persistentVolumeClaimRetentionPolicy"),
                    "spec.persistentVolumeClaimRetentionPolicy",
                    when,
                    "Retain",
                    "Delete");
        }
    }

    private void daemonStrategy(Unstructured spec) {
        findings.oneOf(spec.object("updateStrategy"), "spec.updateStrategy", "type", "RollingUpdate", "OnDelete");
        Unstructured rolling = spec.object("updateStrategy", "rollingUpdate");
        findings.share(rolling, "spec.updateStrategy.rollingUpdate", "maxUnavailable");
        findings.share(rolling, "spec.updateStrategy.rollingUpdate", "maxSurge");
        if (none(rolling.get("maxUnavailable")) && none(rolling.get("maxSurge"))) {
            findings.invalid(
                    "spec.updateStrategy.rollingUpdate.maxUnavailable",
                    rolling.get("maxUnavailable"),
                    "cannot be 0 when maxSurge is 0");
        }
    }

    private void fixedSelector(Unstructured spec, @Nullable Unstructured old) {
        if (old != null && !Objects.equals(spec.get("selector"), old.get("spec", "selector"))) {
            findings.invalid("spec.selector", spec.get("selector"), Findings.IMMUTABLE);
        }
    }

    private void fixedSpec(Unstructured spec, Unstructured old) {
        Unstructured rest = spec.copy();
        for (String free : new String[] {
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds"
        }) {
            rest.set(old.get("spec", free), free);
        }
        if (!rest.equals(old.object("spec"))) {
            findings.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
                            + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
                            + " 'minReadySeconds' are forbidden");
        }
    }
}
