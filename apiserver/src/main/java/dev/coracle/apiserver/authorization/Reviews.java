package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The resources that are questions: created, answered in their status and forgotten. Who am I, whose token is this, may
 * I, may somebody, what may I.
 */
public final class Reviews {
    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String AUTHORIZATION = "authorization.k8s.io";

    /** One of them, as discovery names it. */
    public record Resource(GroupVersionKind kind, String plural, boolean namespaced) {}

    public static final List<Resource> ALL = List.of(
            resource(AUTHENTICATION, "TokenReview", false),
            resource(AUTHENTICATION, "SelfSubjectReview", false),
            resource(AUTHORIZATION, "SubjectAccessReview", false),
            resource(AUTHORIZATION, "LocalSubjectAccessReview", true),
            resource(AUTHORIZATION, "SelfSubjectAccessReview", false),
            resource(AUTHORIZATION, "SelfSubjectRulesReview", false));

    private final Authorizer authorizer;
    private final RbacAuthorizer rbac;
    private final ServiceAccountTokens tokens;
    private final Environment environment;

    /** @param rbac the one of the authorizers that can tell all that somebody may */
    public Reviews(Authorizer authorizer, RbacAuthorizer rbac, ServiceAccountTokens tokens, Environment environment) {
        this.authorizer = authorizer;
        this.rbac = rbac;
        this.tokens = tokens;
        this.environment = environment;
    }

    private static Resource resource(String group, String kind, boolean namespaced) {
        return new Resource(
                new GroupVersionKind(group, "v1", kind), kind.toLowerCase(java.util.Locale.ROOT) + "s", namespaced);
    }

    public static Optional<Resource> find(GroupVersionResource r) {
        return ALL.stream()
                .filter(k -> k.plural().equals(r.resource())
                        && k.kind().group().equals(r.group())
                        && k.kind().version().equals(r.version()))
                .findFirst();
    }

    public boolean serves(GroupVersionResource resource) {
        return find(resource).isPresent();
    }

    /** The question with its status. */
    public Unstructured answer(UserInfo user, GroupVersionResource resource, String namespace, Unstructured given) {
        GroupVersionKind kind = find(resource).orElseThrow().kind();
        Unstructured review = given.copy();
        if (!review.kind().isEmpty() && !review.groupVersionKind().equals(kind)) {
            throw StatusException.badRequest("the API version in the data (" + review.apiVersion() + ", Kind="
                    + review.kind() + ") does not match the expected API version (" + kind.apiVersion() + ", Kind="
                    + kind.kind() + ")");
        }
        review.set(kind.apiVersion(), "apiVersion").set(kind.kind(), "kind").remove("status");
        if (!review.has("metadata")) {
            review.set(new LinkedHashMap<String, Object>(), "metadata");
        }
        return review.set(
                switch (kind.kind()) {
                    case "TokenReview" -> token(review);
                    case "SelfSubjectReview" -> {
                        review.set(environment.clock().now(), "metadata", "creationTimestamp");
                        yield new Unstructured(new LinkedHashMap<>()).set(info(user), "userInfo");
                    }
                    case "SelfSubjectRulesReview" -> rules(user, review.string("spec", "namespace"));
                    case "SelfSubjectAccessReview" -> access(kind, user, review);
                    default -> {
                        if (kind.kind().startsWith("Local")
                                && !review.string("spec", "resourceAttributes", "namespace")
                                        .equals(namespace)) {
                            throw invalid(
                                    kind,
                                    "FieldValueInvalid",
                                    "Invalid value: \"" + review.string("spec", "resourceAttributes", "namespace")
                                            + "\": must match metadata.namespace",
                                    "spec.resourceAttributes.namespace");
                        }
                        yield access(kind, subject(kind, review.object("spec")), review);
                    }
                },
                "status");
    }

    private Unstructured token(Unstructured review) {
        String token = review.string("spec", "token");
        if (token.isEmpty()) {
            throw StatusException.badRequest("token is required for TokenReview in authentication");
        }
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        try {
            var verified = tokens.verify(token, review.stringList("spec", "audiences"));
            return status.set(true, "authenticated")
                    .set(info(verified.user()), "user")
                    .set(verified.audiences(), "audiences");
        } catch (StatusException e) {
            return status.set(new LinkedHashMap<String, Object>(), "user").set("invalid bearer token", "error");
        }
    }

    private static Unstructured info(UserInfo user) {
        Unstructured info = new Unstructured(new LinkedHashMap<>()).set(user.name(), "username");
        if (!user.uid().isEmpty()) {
            info.set(user.uid(), "uid");
        }
        if (!user.groups().isEmpty()) {
            info.set(new ArrayList<>(user.groups()), "groups");
        }
        if (!user.extra().isEmpty()) {
            info.set(new LinkedHashMap<String, Object>(user.extra()), "extra");
        }
        return info;
    }

    private static UserInfo subject(GroupVersionKind kind, Unstructured spec) {
        if (spec.string("user").isEmpty() && spec.stringList("groups").isEmpty()) {
            throw invalid(
                    kind,
                    "FieldValueRequired",
                    "Required value: at least one of user or group must be specified",
                    "spec.user");
        }
        Map<String, List<String>> extra = new LinkedHashMap<>();
        Unstructured given = spec.object("extra");
        given.map().keySet().forEach(k -> extra.put(k, given.stringList(k)));
        return new UserInfo(
                spec.string("user"), spec.string("uid"), new LinkedHashSet<>(spec.stringList("groups")), extra);
    }

    private Unstructured access(GroupVersionKind kind, UserInfo user, Unstructured review) {
        boolean resource = review.has("spec", "resourceAttributes");
        boolean path = review.has("spec", "nonResourceAttributes");
        if (resource == path) {
            throw resource
                    ? invalid(
                            kind,
                            "FieldValueInvalid",
                            "Invalid value: cannot be specified in combination with resourceAttributes",
                            "spec.nonResourceAttributes")
                    : invalid(
                            kind,
                            "FieldValueInvalid",
                            "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified",
                            "spec.resourceAttributes");
        }
        Unstructured a = review.object("spec", resource ? "resourceAttributes" : "nonResourceAttributes");
        var decision = authorizer.decide(
                user,
                new Attributes(
                        a.string("verb"),
                        a.string("group"),
                        a.string("resource"),
                        a.string("subresource"),
                        a.string("namespace"),
                        a.string("name"),
                        a.string("path"),
                        fields(a)));
        Unstructured status = new Unstructured(new LinkedHashMap<>()).set(decision.allowed(), "allowed");
        return decision.reason().isEmpty() ? status : status.set(decision.reason(), "reason");
    }

    private static Map<String, String> fields(Unstructured attributes) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (Unstructured r : attributes.objects("fieldSelector", "requirements")) {
            if (r.string("operator").equals("In") && r.stringList("values").size() == 1) {
                fields.put(r.string("key"), r.stringList("values").getFirst());
            }
        }
        return fields;
    }

    private Unstructured rules(UserInfo user, String namespace) {
        if (namespace.isEmpty()) {
            throw StatusException.badRequest("no namespace on request");
        }
        List<Rule> all = new ArrayList<>();
        if (user.groups().contains(UserInfo.MASTERS)) {
            all.add(new Rule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of()));
            all.add(new Rule(List.of("*"), List.of(), List.of(), List.of(), List.of("*")));
        }
        all.addAll(rbac.rules(user, namespace));
        List<Object> resources = new ArrayList<>();
        List<Object> paths = new ArrayList<>();
        for (Rule r : all) {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("verbs", r.verbs());
            if (!r.resources().isEmpty()) {
                m.put("apiGroups", r.apiGroups());
                m.put("resources", r.resources());
                if (!r.resourceNames().isEmpty()) {
                    m.put("resourceNames", r.resourceNames());
                }
                resources.add(m);
            } else {
                m.put("nonResourceURLs", r.nonResourceUrls());
                paths.add(m);
            }
        }
        boolean node = NodeAuthorizer.node(user).isPresent();
        return new Unstructured(new LinkedHashMap<>())
                .set(resources, "resourceRules")
                .set(paths, "nonResourceRules")
                .set(node, "incomplete")
                .set(node ? "node authorizer does not support user rule resolution" : null, "evaluationError");
    }

    private static StatusException invalid(GroupVersionKind kind, String reason, String message, String field) {
        return StatusException.invalid(kind, "", List.of(new Cause(reason, message, field)));
    }
}
