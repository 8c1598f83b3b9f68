package dev.coracle.apiserver.flowcontrol;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/**
 * A FlowSchema, read.
 *
 * @param uid of the object, for the header of answers
 * @param distinguisher what parts requests into flows: {@code ByUser}, {@code ByNamespace}, or {@code ""} for one flow
 */
record FlowSchema(
        String name, String uid, String level, long precedence, String distinguisher, List<PolicyRule> rules) {
    private static final String ANY = "*";

    record Subject(String kind, String namespace, String name) {
        static Subject of(Unstructured subject) {
            String kind = subject.string("kind");
            String field = switch (kind) {
                case "User" -> "user";
                case "Group" -> "group";
                default -> "serviceAccount";
            };
            return new Subject(kind, subject.string(field, "namespace"), subject.string(field, "name"));
        }

        boolean matches(UserInfo user) {
            return switch (kind) {
                case "User" -> name.equals(ANY) || name.equals(user.name());
                case "Group" -> name.equals(ANY) || user.groups().contains(name);
                default -> {
                    String prefix = "system:serviceaccount:" + namespace + ":";
                    yield name.equals(ANY)
                            ? user.name().startsWith(prefix)
                            : user.name().equals(prefix + name);
                }
            };
        }
    }

    record ResourceRule(
            List<String> verbs, List<String> groups, List<String> resources, boolean cluster, List<String> namespaces) {
        boolean matches(Asked asked) {
            return has(verbs, asked.verb())
                    && has(groups, asked.group())
                    && has(resources, asked.resource())
                    && (asked.namespace().isEmpty() ? cluster : has(namespaces, asked.namespace()));
        }
    }

    record PathRule(List<String> verbs, List<String> paths) {
        boolean matches(Asked asked) {
            return has(verbs, asked.verb())
                    && paths.stream()
                            .anyMatch(p -> p.equals(asked.path())
                                    || p.endsWith(ANY) && asked.path().startsWith(p.substring(0, p.length() - 1)));
        }
    }

    record PolicyRule(List<Subject> subjects, List<ResourceRule> resources, List<PathRule> paths) {
        boolean matches(Asked asked) {
            return subjects.stream().anyMatch(s -> s.matches(asked.user()))
                    && (asked.resource().isEmpty()
                            ? paths.stream().anyMatch(p -> p.matches(asked))
                            : resources.stream().anyMatch(r -> r.matches(asked)));
        }
    }

    private static boolean has(List<String> wanted, String one) {
        return wanted.contains(ANY) || wanted.contains(one);
    }

    static FlowSchema of(Unstructured schema) {
        return new FlowSchema(
                schema.name(),
                schema.uid(),
                schema.string("spec", "priorityLevelConfiguration", "name"),
                schema.integer(1000, "spec", "matchingPrecedence"),
                schema.string("spec", "distinguisherMethod", "type"),
                schema.objects("spec", "rules").stream()
                        .map(r -> new PolicyRule(
                                r.objects("subjects").stream().map(Subject::of).toList(),
                                r.objects("resourceRules").stream()
                                        .map(FlowSchema::resources)
                                        .toList(),
                                r.objects("nonResourceRules").stream()
                                        .map(p -> new PathRule(p.stringList("verbs"), p.stringList("nonResourceURLs")))
                                        .toList()))
                        .toList());
    }

    private static ResourceRule resources(Unstructured r) {
        return new ResourceRule(
                r.stringList("verbs"),
                r.stringList("apiGroups"),
                r.stringList("resources"),
                r.bool("clusterScope"),
                r.stringList("namespaces"));
    }

    boolean matches(Asked asked) {
        return rules.stream().anyMatch(r -> r.matches(asked));
    }

    /** Which of its flows a request is of. */
    String flow(Asked asked) {
        return switch (distinguisher) {
            case "ByUser" -> asked.user().name();
            case "ByNamespace" -> asked.namespace();
            default -> "";
        };
    }
}
