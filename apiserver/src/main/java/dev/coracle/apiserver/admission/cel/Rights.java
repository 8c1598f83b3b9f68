package dev.coracle.apiserver.admission.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code authorizer} is in an expression: may the one who asks do something else, too?
 *
 * <pre>{@code authorizer.group('apps').resource('deployments').namespace('x').check('create').allowed()}</pre>
 *
 * @param user who is asked about
 */
public record Rights(Authorizer authorizer, UserInfo user) {
    /** Under these names expressions find the rights, and the right to what the request is about. */
    static final String AUTHORIZER = "authorizer";

    static final String REQUESTED = "authorizer.requestResource";

    private static final CelType RIGHTS = OpaqueType.create("kubernetes.authorization.Authorizer");
    private static final CelType PATH = OpaqueType.create("kubernetes.authorization.PathCheck");
    private static final CelType GROUP = OpaqueType.create("kubernetes.authorization.GroupCheck");
    private static final CelType RESOURCE = OpaqueType.create("kubernetes.authorization.ResourceCheck");
    private static final CelType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

    static final Map<String, CelType> VARIABLES = Map.of(AUTHORIZER, RIGHTS, REQUESTED, RESOURCE);

    private record PathCheck(Rights rights, String path) {
        Authorizer.Decision check(String verb) {
            return rights.decide(new Attributes(verb, "", "", "", "", "", path));
        }
    }

    private record GroupCheck(Rights rights, String group) {}

    private record ResourceCheck(
            Rights rights, String group, String resource, String subresource, String namespace, String name) {
        Authorizer.Decision check(String verb) {
            return rights.decide(new Attributes(verb, group, resource, subresource, namespace, name, ""));
        }
    }

    private Authorizer.Decision decide(Attributes a) {
        return authorizer.decide(user, a);
    }

    private Rights ofAccount(String namespace, String name) {
        return new Rights(
                authorizer,
                new UserInfo(
                        "system:serviceaccount:" + namespace + ":" + name,
                        Set.of(
                                "system:serviceaccounts",
                                "system:serviceaccounts:" + namespace,
                                UserInfo.AUTHENTICATED)));
    }

    /** The variables of an expression about this request. */
    public static Map<String, Object> of(Authorizer authorizer, AdmissionRequest request) {
        Rights rights = new Rights(authorizer, request.user());
        return Map.of(
                AUTHORIZER,
                rights,
                REQUESTED,
                new ResourceCheck(
                        rights,
                        request.requested().group(),
                        request.requested().resource(),
                        request.subresource(),
                        Requests.namespace(request),
                        request.name()));
    }

    static List<CelFunctionDecl> declarations() {
        return List.of(
                member("path", overload("authorizer_path", PATH, RIGHTS, SimpleType.STRING)),
                member("group", overload("authorizer_group", GROUP, RIGHTS, SimpleType.STRING)),
                member(
                        "serviceAccount",
                        overload("authorizer_account", RIGHTS, RIGHTS, SimpleType.STRING, SimpleType.STRING)),
                member("resource", overload("authorizer_resource", RESOURCE, GROUP, SimpleType.STRING)),
                member("subresource", overload("authorizer_subresource", RESOURCE, RESOURCE, SimpleType.STRING)),
                member("namespace", overload("authorizer_namespace", RESOURCE, RESOURCE, SimpleType.STRING)),
                member("name", overload("authorizer_name", RESOURCE, RESOURCE, SimpleType.STRING)),
                member(
                        "check",
                        overload("authorizer_check_path", DECISION, PATH, SimpleType.STRING),
                        overload("authorizer_check_resource", DECISION, RESOURCE, SimpleType.STRING)),
                member("allowed", overload("authorizer_allowed", SimpleType.BOOL, DECISION)),
                member("reason", overload("authorizer_reason", SimpleType.STRING, DECISION)),
                member("errored", overload("authorizer_errored", SimpleType.BOOL, DECISION)),
                member("error", overload("authorizer_error", SimpleType.STRING, DECISION)));
    }

    private static CelFunctionDecl member(String name, CelOverloadDecl... overloads) {
        return CelFunctionDecl.newFunctionDeclaration(name, overloads);
    }

    private static CelOverloadDecl overload(String id, CelType result, CelType... parameters) {
        return CelOverloadDecl.newMemberOverload(id, result, parameters);
    }

    static List<CelFunctionBinding> bindings() {
        return List.of(
                CelFunctionBinding.from("authorizer_path", Rights.class, String.class, PathCheck::new),
                CelFunctionBinding.from("authorizer_group", Rights.class, String.class, GroupCheck::new),
                CelFunctionBinding.from(
                        "authorizer_account",
                        List.<Class<?>>of(Rights.class, String.class, String.class),
                        a -> ((Rights) a[0]).ofAccount((String) a[1], (String) a[2])),
                CelFunctionBinding.from(
                        "authorizer_resource",
                        GroupCheck.class,
                        String.class,
                        (g, r) -> new ResourceCheck(g.rights(), g.group(), r, "", "", "")),
                CelFunctionBinding.from(
                        "authorizer_subresource",
                        ResourceCheck.class,
                        String.class,
                        (c, s) -> new ResourceCheck(c.rights(), c.group(), c.resource(), s, c.namespace(), c.name())),
                CelFunctionBinding.from(
                        "authorizer_namespace",
                        ResourceCheck.class,
                        String.class,
                        (c, n) -> new ResourceCheck(c.rights(), c.group(), c.resource(), c.subresource(), n, c.name())),
                CelFunctionBinding.from(
                        "authorizer_name",
                        ResourceCheck.class,
                        String.class,
                        (c, n) -> new ResourceCheck(
                                c.rights(), c.group(), c.resource(), c.subresource(), c.namespace(), n)),
                CelFunctionBinding.from("authorizer_check_path", PathCheck.class, String.class, PathCheck::check),
                CelFunctionBinding.from(
                        "authorizer_check_resource", ResourceCheck.class, String.class, ResourceCheck::check),
                CelFunctionBinding.from("authorizer_allowed", Authorizer.Decision.class, Authorizer.Decision::allowed),
                CelFunctionBinding.from("authorizer_reason", Authorizer.Decision.class, Authorizer.Decision::reason),
                // An authorizer here decides or throws what ends the request.
                CelFunctionBinding.from("authorizer_errored", Authorizer.Decision.class, d -> false),
                CelFunctionBinding.from("authorizer_error", Authorizer.Decision.class, d -> ""));
    }
}
