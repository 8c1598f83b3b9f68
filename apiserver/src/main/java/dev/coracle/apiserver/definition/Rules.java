package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What upstream's validation refuses of a kind, worded as upstream.
 *
 * @param name what is wrong with a name
 * @param object for a write of the whole
 * @param status for a write of the status alone
 * @param parts for a write of another part of the object alone, by the subresource it is written through
 */
public record Rules(
        Function<String, List<String>> name, Rule object, StatusRule status, Map<String, StatusRule> parts) {
    /** What extends the API is served by libraries of their own upstream. */
    private static final Set<String> GENERAL = Set.of("apiextensions.k8s.io", "apiregistration.k8s.io");

    /**
     * @param more what is demanded of this write besides
     * @param o complete: after defaults
     * @param old what it replaces; null for a creation
     * @throws StatusException 422 with every finding
     */
    public static void check(ResourceDefinition d, Rule more, Unstructured o, @Nullable Unstructured old) {
        Findings findings = new Findings();
        metadata(d, findings).check(d, o, old);
        d.rules().object().check(findings, o, old);
        more.check(findings, o, old);
        refuse(d, o, findings);
    }

    private static MetadataRules metadata(ResourceDefinition d, Findings findings) {
        return d.schema().isPresent() || GENERAL.contains(d.kind().group())
                ? MetadataRules.general(findings)
                : new MetadataRules(findings);
    }

    /**
     * Of a write of the status alone.
     *
     * @param o after {@link Defaults#applyToStatus}
     * @throws StatusException 422 with every finding
     */
    public static void checkStatus(ResourceDefinition d, Unstructured o, Unstructured old) {
        Findings findings = new Findings();
        d.rules().status().check(findings, o, old);
        refuse(d, o, findings);
    }

    /**
     * Of a write through a subresource: by its own rules, or else by those of the whole.
     *
     * @throws StatusException 422 with every finding
     */
    public static void checkPart(
            ResourceDefinition d, String subresource, Rule more, Unstructured o, Unstructured old) {
        StatusRule rule = d.rules().parts().get(subresource);
        if (rule == null) {
            check(d, more, o, old);
            return;
        }
        Findings findings = new Findings();
        rule.check(findings, o, old);
        refuse(d, o, findings);
    }

    private static void refuse(ResourceDefinition d, Unstructured o, Findings findings) {
        if (!findings.causes().isEmpty()) {
            throw StatusException.invalid(d.kind(), o.name(), findings.causes());
        }
    }
}
