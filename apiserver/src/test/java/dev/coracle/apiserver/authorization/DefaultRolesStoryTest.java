package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may what in a cluster that nobody has configured yet, and after the first bindings. */
class DefaultRolesStoryTest {
    private static final String RBAC = "rbac.authorization.k8s.io/v1";

    private ApiServer server;
    private Client admin;

    @BeforeEach
    void start() {
        server = ApiServer.inMemory(new VirtualEnvironment(3).environment());
        admin = server.client(UserInfo.ADMIN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static UserInfo user(String name, String... groups) {
        Set<String> all = new java.util.LinkedHashSet<>(Set.of(groups));
        all.add(UserInfo.AUTHENTICATED);
        return new UserInfo(name, all);
    }

    private Unstructured review(String attributes, UserInfo user) {
        Unstructured review = Unstructured.parse("{\"spec\":" + attributes + "}")
                .set(user.name(), "spec", "user")
                .set(java.util.List.copyOf(user.groups()), "spec", "groups");
        return admin.create(
                        new GroupVersionResource("authorization.k8s.io", "v1", "subjectaccessreviews"),
                        "",
                        review,
                        WriteOptions.DEFAULT)
                .object()
                .object("status");
    }

    /** @param what {@code verb resource[.group][/subresource] [namespace]} or {@code verb /path} */
    private boolean may(UserInfo user, String what) {
        String[] w = what.split(" ");
        if (w[1].startsWith("/")) {
            return review("{\"nonResourceAttributes\":{\"verb\":\"" + w[0] + "\",\"path\":\"" + w[1] + "\"}}", user)
                    .bool("allowed");
        }
        String sub = w[1].contains("/") ? w[1].substring(w[1].indexOf('/') + 1) : "";
        String r = w[1].replaceAll("/.*", "");
        String group = r.contains(".") ? r.substring(r.indexOf('.') + 1) : "";
        return review(
                        "{\"resourceAttributes\":{\"verb\":\"" + w[0] + "\",\"group\":\"" + group + "\",\"resource\":\""
                                + r.replaceAll("\\..*", "") + "\",\"subresource\":\"" + sub + "\",\"namespace\":\""
                                + (w.length > 2 ? w[2] : "") + "\"}}",
                        user)
                .bool("allowed");
    }

    private void bind(String kind, String namespace, String role, String user) {
        admin.create(
                kind.equals("RoleBinding") ? Resources.ROLE_BINDINGS : Resources.CLUSTER_ROLE_BINDINGS,
                namespace,
                Unstructured.of(RBAC, kind, namespace, user + "-" + role)
                        .set(
                                Unstructured.parse(
                                        "{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\","
                                                + "\"name\":\"" + role + "\"}"),
                                "roleRef")
                        .set(
                                java.util.List.of(Unstructured.parse(
                                        "{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\",\"name\":\""
                                                + user + "\"}")),
                                "subjects"),
                WriteOptions.DEFAULT);
    }

    @Test
    void anyoneKnownMayLookAroundAndNothingMore() {
        UserInfo jane = user("jane");
        assertThat(may(jane, "get /apis/apps/v1")).isTrue();
        assertThat(may(jane, "get /openapi/v3")).isTrue();
        assertThat(may(jane, "create selfsubjectaccessreviews.authorization.k8s.io"))
                .isTrue();
        assertThat(may(jane, "list pods default")).isFalse();
        assertThat(may(jane, "get /metrics")).isFalse();
        assertThat(may(UserInfo.ANONYMOUS, "get /version")).isTrue();
        assertThat(may(UserInfo.ANONYMOUS, "get /healthz")).isTrue();
        assertThat(may(UserInfo.ANONYMOUS, "get /api")).isFalse();
        assertThat(may(UserInfo.ANONYMOUS, "get pods default")).isFalse();
    }

    @Test
    void viewSeesAllButSecretsInItsNamespaceAlone() {
        bind("RoleBinding", "default", "view", "jane");
        UserInfo jane = user("jane");
        assertThat(may(jane, "list pods default")).isTrue();
        assertThat(may(jane, "get pods/log default")).isTrue();
        assertThat(may(jane, "watch deployments.apps default")).isTrue();
        assertThat(may(jane, "get secrets default")).isFalse();
        assertThat(may(jane, "create pods default")).isFalse();
        assertThat(may(jane, "create pods/exec default")).isFalse();
        assertThat(may(jane, "list pods kube-system")).isFalse();
        assertThat(may(jane, "list pods")).isFalse();
    }

    @Test
    void editChangesWhatRunsButNotWhoMayWhat() {
        bind("ClusterRoleBinding", "", "edit", "jane");
        UserInfo jane = user("jane");
        assertThat(may(jane, "create pods/exec default")).isTrue();
        assertThat(may(jane, "update deployments.apps/scale default")).isTrue();
        assertThat(may(jane, "get secrets kube-system")).isTrue();
        assertThat(may(jane, "list pods default")).isTrue();
        assertThat(may(jane, "create rolebindings.rbac.authorization.k8s.io default"))
                .isFalse();
        assertThat(may(jane, "delete nodes")).isFalse();
        assertThat(may(jane, "create resourcequotas default")).isFalse();
    }

    @Test
    void adminRulesItsNamespaceAndNotTheCluster() {
        bind("RoleBinding", "default", "admin", "jane");
        UserInfo jane = user("jane");
        assertThat(may(jane, "create rolebindings.rbac.authorization.k8s.io default"))
                .isTrue();
        assertThat(may(jane, "delete pods default")).isTrue();
        assertThat(may(jane, "create clusterroles.rbac.authorization.k8s.io")).isFalse();
        assertThat(may(jane, "delete pods kube-system")).isFalse();
    }

    @Test
    void rightsOnCertainNamesHoldForListsAndWatchesOfOneOfThem() {
        Unstructured role = Unstructured.of(RBAC, "ClusterRole", "", "one");
        role.add(
                Unstructured.parse("{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],\"resourceNames\":[\"a\"],"
                        + "\"verbs\":[\"list\",\"watch\"]}"),
                "rules");
        admin.create(Resources.CLUSTER_ROLES, "", role, WriteOptions.DEFAULT);
        bind("RoleBinding", "default", "one", "jane");
        Client jane = server.client(user("jane"));
        assertThat(jane.list(Resources.SECRETS, "default", ListOptions.fields("metadata.name=a"))
                        .items())
                .isEmpty();
        jane.watch(Resources.SECRETS, "default", ListOptions.fields("metadata.name==a"), NOBODY)
                .close();
        for (String selector : java.util.List.of("", "metadata.name=b", "metadata.name!=a", "type=a")) {
            assertThatThrownBy(() -> jane.list(Resources.SECRETS, "default", ListOptions.fields(selector)))
                    .as(selector)
                    .hasMessageContaining("cannot list resource \"secrets\"");
            assertThatThrownBy(() -> jane.watch(Resources.SECRETS, "default", ListOptions.fields(selector), NOBODY))
                    .as(selector)
                    .hasMessageContaining("cannot watch resource \"secrets\"");
        }
    }

    private static final Client.WatchListener NOBODY = new Client.WatchListener() {
        @Override
        public void onEvent(WatchEvent event) {}

        @Override
        public void onClosed(StatusException cause) {}
    };

    @Test
    void takingABindingAwayTakesEffectAtOnce() {
        bind("RoleBinding", "default", "view", "jane");
        assertThat(may(user("jane"), "list pods default")).isTrue();
        admin.delete(Resources.ROLE_BINDINGS, "default", "jane-view", dev.coracle.client.DeleteOptions.DEFAULT);
        assertThat(may(user("jane"), "list pods default")).isFalse();
    }

    @Test
    void everyComponentMayDoItsWorkAndNotTheOthers() {
        UserInfo scheduler = UserInfo.component("system:kube-scheduler");
        assertThat(may(scheduler, "create pods/binding default")).isTrue();
        assertThat(may(scheduler, "patch pods/status default")).isTrue();
        assertThat(may(scheduler, "patch persistentvolumeclaims default")).isTrue();
        assertThat(may(scheduler, "create events default")).isTrue();
        assertThat(may(scheduler, "create pods default")).isFalse();
        assertThat(may(scheduler, "get secrets default")).isFalse();

        UserInfo controllers = UserInfo.component("system:kube-controller-manager");
        for (String what : java.util.List.of(
                "watch pods",
                "create pods default",
                "create replicasets.apps default",
                "update deployments.apps/status default",
                "create jobs.batch default",
                "create endpointslices.discovery.k8s.io default",
                "create endpoints default",
                "update endpoints/finalizers default",
                "update pods/finalizers default",
                "update persistentvolumeclaims/status default",
                "update configmaps kube-public",
                "delete secrets kube-system",
                "create persistentvolumes",
                "create persistentvolumeclaims default",
                "create controllerrevisions.apps default",
                "create configmaps default",
                "create serviceaccounts default",
                "update namespaces/finalize",
                "update namespaces/status",
                "patch nodes/status",
                "delete widgets.example.com default")) {
            assertThat(may(controllers, what)).as(what).isTrue();
        }
        UserInfo signer = user("system:serviceaccount:kube-system:bootstrap-signer");
        assertThat(may(signer, "list secrets kube-system")).isTrue();
        assertThat(may(signer, "list secrets default")).isFalse();
        assertThat(may(signer, "watch configmaps kube-public")).isTrue();
        UserInfo cleaner = user("system:serviceaccount:kube-system:token-cleaner");
        assertThat(may(cleaner, "delete secrets kube-system")).isTrue();
        assertThat(may(cleaner, "delete secrets default")).isFalse();
        assertThat(may(controllers, "create clusterrolebindings.rbac.authorization.k8s.io"))
                .isFalse();

        UserInfo node = UserInfo.component("system:node:n1");
        for (String what : java.util.List.of(
                "create nodes",
                "update nodes/status",
                "create leases.coordination.k8s.io kube-node-lease",
                "update pods/status default",
                "delete pods default",
                "watch services",
                "create events default",
                "patch events default")) {
            assertThat(may(node, what)).as(what).isTrue();
        }
        for (String what : java.util.List.of(
                "create deployments.apps default",
                "update pods default",
                "watch pods",
                "watch configmaps",
                "watch secrets",
                "get secrets default",
                "watch persistentvolumeclaims",
                "create serviceaccounts/token default")) {
            assertThat(may(node, what)).as(what).isFalse();
        }

        UserInfo proxy = UserInfo.component("system:kube-proxy");
        assertThat(may(proxy, "patch services/status default")).isTrue();
        assertThat(may(proxy, "get secrets default")).isFalse();
        UserInfo ingress = UserInfo.component("system:coracle:ingress-controller");
        assertThat(may(ingress, "patch ingresses.networking.k8s.io/status default"))
                .isTrue();
        assertThat(may(ingress, "delete ingresses.networking.k8s.io default")).isFalse();
    }

    @Test
    void theAnswerSaysByWhichBinding() {
        bind("RoleBinding", "default", "view", "jane");
        assertThat(review(
                                "{\"resourceAttributes\":{\"verb\":\"list\",\"resource\":\"pods\",\"namespace\":\"default\"}}",
                                user("jane"))
                        .string("reason"))
                .isEqualTo(
                        "RBAC: allowed by RoleBinding \"jane-view/default\" of ClusterRole \"view\" to User \"jane\"");
        assertThatThrownBy(() -> server.client(user("jane")).get(Resources.SECRETS, "default", "x"))
                .hasMessage(
                        "secrets \"x\" is forbidden: User \"jane\" cannot get resource \"secrets\" in API group \"\""
                                + " in the namespace \"default\"");
    }

    @Test
    void anAccountIsOfItsBindingsNamespaceUnlessAnotherIsNamed() {
        Unstructured binding = Unstructured.parse("""
                {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                 "metadata": {"name": "builders", "namespace": "default"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                 "subjects": [{"kind": "ServiceAccount", "name": "builder"}]}""");
        admin.create(Resources.ROLE_BINDINGS, "default", binding.copy(), WriteOptions.DEFAULT);
        assertThat(may(user("system:serviceaccount:default:builder"), "list pods default"))
                .isTrue();
        assertThat(may(user("system:serviceaccount:kube-system:builder"), "list pods default"))
                .isFalse();
        // One that holds everywhere has no namespace to give.
        Unstructured everywhere =
                binding.copy().set("ClusterRoleBinding", "kind").remove("metadata", "namespace");
        assertThatThrownBy(() -> admin.create(Resources.CLUSTER_ROLE_BINDINGS, "", everywhere, WriteOptions.DEFAULT))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("subjects[0].namespace: Required value");
    }
}
