package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mallory may write roles and bindings and tries to become more than she is. */
class EscalationStoryTest {
    private static final String WRITE = "'verbs':['create','get','update','patch']";
    private static final String PODS = "{'apiGroups':[''],'resources':['pods'],'verbs':['get','list']}";

    private ApiServer server;
    private Client admin;
    private Client mallory;

    @BeforeEach
    void start() {
        server = ApiServer.inMemory(new VirtualEnvironment(3).environment());
        admin = server.client(UserInfo.ADMIN);
        mallory = server.client(new UserInfo("mallory", Set.of(UserInfo.AUTHENTICATED)));
        create(admin, role("ClusterRole", "", "rbac-writer", """
                {'apiGroups':['rbac.authorization.k8s.io'],
                 'resources':['roles','clusterroles','rolebindings','clusterrolebindings'],%s}""".formatted(WRITE)));
        create(admin, binding("ClusterRoleBinding", "", "mallory", "ClusterRole", "rbac-writer"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }

    private static Unstructured role(String kind, String namespace, String name, String... rules) {
        return Unstructured.of("rbac.authorization.k8s.io/v1", kind, namespace, name)
                .set(tree("{'rules':[" + String.join(",", rules) + "]}").objects("rules"), "rules");
    }

    private static Unstructured binding(String kind, String namespace, String name, String roleKind, String role) {
        return Unstructured.of("rbac.authorization.k8s.io/v1", kind, namespace, name)
                .set(
                        tree("{'apiGroup':'rbac.authorization.k8s.io','kind':'" + roleKind + "','name':'" + role
                                + "'}"),
                        "roleRef")
                .set(
                        java.util.List.of(
                                tree("{'apiGroup':'rbac.authorization.k8s.io','kind':'User','name':'mallory'}")),
                        "subjects");
    }

    private static GroupVersionResource resource(Unstructured o) {
        return switch (o.kind()) {
            case "Role" -> Resources.ROLES;
            case "ClusterRole" -> Resources.CLUSTER_ROLES;
            case "RoleBinding" -> Resources.ROLE_BINDINGS;
            default -> Resources.CLUSTER_ROLE_BINDINGS;
        };
    }

    private static Unstructured create(Client who, Unstructured o) {
        return who.create(resource(o), o.namespace(), o, WriteOptions.DEFAULT).object();
    }

    /** Gives mallory rules of her own, everywhere. */
    private void grant(String... rules) {
        create(admin, role("ClusterRole", "", "granted", rules));
        create(admin, binding("ClusterRoleBinding", "", "granted", "ClusterRole", "granted"));
    }

    private static StatusException refused(ThrowingCallable what) {
        StatusException e = catchThrowableOfType(StatusException.class, what);
        assertThat(e).as("nothing was refused").isNotNull();
        assertThat(e.code()).as(e.getMessage()).isEqualTo(403);
        assertThat(e.reason()).isEqualTo("Forbidden");
        return e;
    }

    @Test
    void aRoleMayNotHoldWhatItsWriterDoesNot() {
        StatusException e = refused(() -> create(mallory, role("Role", "default", "mine", PODS)));
        assertThat(e)
                .hasMessage("roles.rbac.authorization.k8s.io \"mine\" is forbidden: user \"mallory\" "
                        + "(groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
                        + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}");
        assertThat(e.details().string("name")).isEqualTo("mine");
        assertThat(refused(() -> create(mallory, role("ClusterRole", "", "mine", """
                        {'nonResourceURLs':['/metrics'],'verbs':['get']}""", """
                        {'apiGroups':['apps'],'resources':['deployments'],'resourceNames':['a','b'],'verbs':['get']}"""))))
                .hasMessageEndingWith(
                        "{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"a\"], Verbs:[\"get\"]}\n"
                                + "{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"b\"], Verbs:[\"get\"]}\n"
                                + "{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}");
        grant(PODS);
        assertThatCode(() -> create(mallory, role("Role", "default", "mine", PODS)))
                .doesNotThrowAnyException();
    }

    @Test
    void noWayOfWritingGetsAround() {
        Unstructured harmless = create(mallory, role("ClusterRole", "", "mine"));
        String all = "{'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}";
        refused(() -> mallory.update(
                Resources.CLUSTER_ROLES,
                harmless.copy().set(tree(all).objects("rules"), "rules"),
                WriteOptions.DEFAULT));
        refused(() -> mallory.patch(Resources.CLUSTER_ROLES, "", "mine", Patch.merge(tree(all)), WriteOptions.DEFAULT));
        refused(() ->
                mallory.patch(Resources.CLUSTER_ROLES, "", "mine", Patch.strategic(tree(all)), WriteOptions.DEFAULT));
        refused(() -> mallory.patch(
                Resources.CLUSTER_ROLES,
                "",
                "mine",
                new Patch(
                        Patch.Type.JSON,
                        ("[{\"op\":\"add\",\"path\":\"/rules\",\"value\":"
                                        + "[{\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]}]}]")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                WriteOptions.DEFAULT));
        for (String name : new String[] {"mine", "new"}) {
            Unstructured intent = role("ClusterRole", "", name);
            refused(() -> mallory.patch(
                    Resources.CLUSTER_ROLES,
                    "",
                    name,
                    Patch.apply(intent.set(tree(all).objects("rules"), "rules")),
                    new WriteOptions("", "mallory", true, false)));
        }
        assertThat(admin.get(Resources.CLUSTER_ROLES, "", "mine").object()).isEqualTo(harmless);
    }

    @Test
    void notEvenALabelMayBeWrittenOnARoleThatIsMore() {
        create(admin, role("ClusterRole", "", "strong", PODS));
        refused(() -> mallory.patch(
                Resources.CLUSTER_ROLES,
                "",
                "strong",
                Patch.merge(tree("{'metadata':{'labels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}}}")),
                WriteOptions.DEFAULT));
        assertThatCode(() -> mallory.patch(
                        Resources.CLUSTER_ROLES,
                        "",
                        "strong",
                        Patch.merge(tree("{'metadata':{'finalizers':['example.com/wait']}}")),
                        WriteOptions.DEFAULT))
                .as("what the garbage collector does")
                .doesNotThrowAnyException();
    }

    @Test
    void aBindingNeedsAllThatItsRoleHas() {
        assertThat(refused(
                        () -> create(mallory, binding("ClusterRoleBinding", "", "up", "ClusterRole", "cluster-admin"))))
                .hasMessage(
                        "clusterrolebindings.rbac.authorization.k8s.io \"up\" is forbidden: user \"mallory\" "
                                + "(groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
                                + "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}");
        refused(() -> create(mallory, binding("RoleBinding", "default", "up", "ClusterRole", "admin")));
        create(admin, role("Role", "default", "pods", PODS));
        refused(() -> create(mallory, binding("RoleBinding", "default", "up", "Role", "pods")));
        grant(PODS);
        assertThatCode(() -> create(mallory, binding("RoleBinding", "default", "up", "Role", "pods")))
                .doesNotThrowAnyException();
    }

    @Test
    void nobodyJoinsABindingThatGivesMore() {
        create(
                admin,
                binding("RoleBinding", "default", "admins", "ClusterRole", "admin")
                        .set(null, "subjects"));
        refused(() -> mallory.update(
                Resources.ROLE_BINDINGS,
                binding("RoleBinding", "default", "admins", "ClusterRole", "admin"),
                WriteOptions.DEFAULT));
    }

    @Test
    void aRoleThatIsNotThereCannotBeBoundAhead() {
        StatusException e = catchThrowableOfType(
                StatusException.class,
                () -> create(mallory, binding("RoleBinding", "default", "up", "ClusterRole", "later")));
        assertThat(e.code()).isEqualTo(404);
        assertThat(e).hasMessage("clusterroles.rbac.authorization.k8s.io \"later\" not found");
    }

    @Test
    void whatIsHeldInOneNamespaceIsNotHeldInAnother() {
        create(admin, role("Role", "default", "pods", PODS));
        create(admin, binding("RoleBinding", "default", "pods", "Role", "pods"));
        assertThatCode(() -> create(mallory, role("Role", "default", "mine", PODS)))
                .doesNotThrowAnyException();
        refused(() -> create(mallory, role("Role", "kube-system", "mine", PODS)));
        refused(() -> create(mallory, role("ClusterRole", "", "mine", PODS)));
    }

    @Test
    void someMayEscalateAndBindAndThenOnlyThat() {
        grant("{'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles'],"
                + "'resourceNames':['view'],'verbs':['bind']}");
        assertThatCode(() -> create(mallory, binding("RoleBinding", "default", "v", "ClusterRole", "view")))
                .doesNotThrowAnyException();
        refused(() -> create(mallory, binding("RoleBinding", "default", "e", "ClusterRole", "edit")));
        create(admin, role("ClusterRole", "", "escalator", """
                {'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles'],'verbs':['escalate']}"""));
        create(admin, binding("RoleBinding", "default", "esc", "ClusterRole", "escalator"));
        assertThatCode(() -> create(mallory, role("Role", "default", "mine", PODS)))
                .doesNotThrowAnyException();
        refused(() -> create(mallory, role("Role", "kube-system", "mine", PODS)));
        refused(() -> create(mallory, role("ClusterRole", "", "mine", PODS)));
    }

    @Test
    void anAggregationRuleIsForThoseWhoMayEverything() {
        Unstructured gathering = role("ClusterRole", "", "all")
                .set(tree("{'clusterRoleSelectors':[{'matchLabels':{'a':'b'}}]}"), "aggregationRule");
        assertThat(refused(() -> create(mallory, gathering)))
                .hasMessage("clusterroles.rbac.authorization.k8s.io \"all\" is forbidden: "
                        + "must have cluster-admin privileges to use the aggregationRule");
        create(admin, gathering);
        refused(() -> mallory.patch(
                Resources.CLUSTER_ROLES,
                "",
                "all",
                Patch.merge(tree("{'aggregationRule':null}")),
                WriteOptions.DEFAULT));
        grant("{'apiGroups':['*'],'resources':['*'],'verbs':['*']}", "{'nonResourceURLs':['*'],'verbs':['*']}");
        assertThatCode(() -> mallory.patch(
                        Resources.CLUSTER_ROLES,
                        "",
                        "all",
                        Patch.merge(tree("{'aggregationRule':null}")),
                        WriteOptions.DEFAULT))
                .doesNotThrowAnyException();
    }

    @Test
    void wildcardsCoverWhatTheyStandForAndNoMore() {
        grant(
                "{'apiGroups':['apps'],'resources':['*/scale'],'verbs':['*']}",
                "{'apiGroups':['batch'],'resources':['*'],'verbs':['get']}",
                "{'apiGroups':[''],'resources':['secrets'],'resourceNames':['a','b'],'verbs':['get']}",
                "{'nonResourceURLs':['/logs/*'],'verbs':['get']}");
        String[] fine = {
            "{'apiGroups':['apps'],'resources':['deployments/scale'],'verbs':['update','*']}",
            "{'apiGroups':['batch'],'resources':['jobs','jobs/status','*'],'verbs':['get']}",
            "{'apiGroups':[''],'resources':['secrets'],'resourceNames':['b'],'verbs':['get']}",
            "{'nonResourceURLs':['/logs/x','/logs/*'],'verbs':['get']}"
        };
        String[] more = {
            "{'apiGroups':['apps'],'resources':['deployments'],'verbs':['update']}",
            "{'apiGroups':['apps'],'resources':['*'],'verbs':['update']}",
            "{'apiGroups':['*'],'resources':['deployments/scale'],'verbs':['update']}",
            "{'apiGroups':['batch'],'resources':['jobs'],'verbs':['get','list']}",
            "{'apiGroups':[''],'resources':['secrets'],'verbs':['get']}",
            "{'apiGroups':[''],'resources':['secrets'],'resourceNames':['a','c'],'verbs':['get']}",
            "{'nonResourceURLs':['/log'],'verbs':['get']}",
            "{'nonResourceURLs':['*'],'verbs':['get']}"
        };
        for (int i = 0; i < fine.length; i++) {
            int n = i;
            assertThatCode(() -> create(mallory, role("ClusterRole", "", "fine-" + n, fine[n])))
                    .as(fine[n])
                    .doesNotThrowAnyException();
        }
        for (String rule : more) {
            refused(() -> create(mallory, role("ClusterRole", "", "more", rule)));
        }
    }

    @Test
    void aPathThroughANamespaceLeadsToNothingOfTheCluster() {
        create(admin, role("Role", "default", "all", "{'apiGroups':['*'],'resources':['*'],'verbs':['*']}"));
        create(admin, binding("RoleBinding", "default", "all", "Role", "all"));
        StatusException e = catchThrowableOfType(
                StatusException.class,
                () -> mallory.create(
                        Resources.CLUSTER_ROLES,
                        "default",
                        role("ClusterRole", "", "mine", PODS),
                        WriteOptions.DEFAULT));
        assertThat(e.code()).isEqualTo(404);
        assertThat(catchThrowableOfType(StatusException.class, () -> mallory.get(Resources.NODES, "default", "n1"))
                        .code())
                .isEqualTo(404);
    }
}
