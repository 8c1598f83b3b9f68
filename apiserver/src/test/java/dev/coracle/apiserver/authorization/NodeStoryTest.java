package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody has taken over node n1 and tries what its kubelet's identity is good for. */
class NodeStoryTest {
    private ApiServer server;
    private Client admin;
    private Client n1;
    private Client n2;

    @BeforeEach
    void start() {
        server = ApiServer.inMemory(new VirtualEnvironment(3).environment());
        admin = server.client(UserInfo.ADMIN);
        n1 = server.client(UserInfo.component("system:node:n1"));
        n2 = server.client(UserInfo.component("system:node:n2"));
        for (Client node : List.of(n1, n2)) {
            create(node, Resources.NODES, node("n" + (node == n1 ? 1 : 2)));
        }
        for (String name : List.of("mine", "other", "unused")) {
            create(
                    admin,
                    Resources.SECRETS,
                    tree("{'apiVersion':'v1','kind':'Secret','metadata':" + "{'name':'" + name
                            + "','namespace':'default'}}"));
            create(
                    admin,
                    Resources.CONFIG_MAPS,
                    tree("{'apiVersion':'v1','kind':'ConfigMap','metadata':" + "{'name':'" + name
                            + "','namespace':'default'}}"));
            create(
                    admin,
                    Resources.SERVICE_ACCOUNTS,
                    tree("{'apiVersion':'v1','kind':'ServiceAccount','metadata':" + "{'name':'" + name
                            + "','namespace':'default'}}"));
            create(admin, Resources.PERSISTENT_VOLUME_CLAIMS, tree("""
                    {'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'%s','namespace':'default'},
                     'spec':{'accessModes':['ReadWriteOnce'],'volumeName':'pv-%s',
                             'resources':{'requests':{'storage':'1Gi'}}}}""".formatted(name, name)));
            create(admin, Resources.PERSISTENT_VOLUMES, tree("""
                    {'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'pv-%s'},
                     'spec':{'accessModes':['ReadWriteOnce'],'capacity':{'storage':'1Gi'},
                             'hostPath':{'path':'/data'},'claimRef':{'namespace':'default','name':'%s'}}}""".formatted(name, name)));
        }
        create(admin, Resources.PODS, pod("mine", "n1"));
        create(admin, Resources.PODS, pod("other", "n2"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }

    private static Unstructured node(String name) {
        return Unstructured.of("v1", "Node", "", name).set(name, "metadata", "labels", "kubernetes.io/hostname");
    }

    /** A pod that names the Secret, the ConfigMap, the claim and the account of its own name. */
    private static Unstructured pod(String name, String node) {
        return tree("""
                {'apiVersion':'v1','kind':'Pod','metadata':{'name':'NAME','namespace':'default'},
                 'spec':{'nodeName':'NODE','serviceAccountName':'NAME',
                  'containers':[{'name':'main','image':'x','envFrom':[{'secretRef':{'name':'NAME'}}]}],
                  'volumes':[{'name':'a','projected':{'sources':[{'configMap':{'name':'NAME'}}]}},
                             {'name':'b','persistentVolumeClaim':{'claimName':'NAME'}}]}}""".replace("NAME", name).replace("NODE", node));
    }

    private static Unstructured create(Client who, GroupVersionResource r, Unstructured o) {
        return who.create(r, o.namespace(), o, WriteOptions.DEFAULT).object();
    }

    private static StatusException refused(ThrowingCallable what) {
        StatusException e = catchThrowableOfType(StatusException.class, what);
        assertThat(e).as("nothing was refused").isNotNull();
        assertThat(e.code()).as(e.getMessage()).isEqualTo(403);
        return e;
    }

    private static void fine(ThrowingCallable what) {
        assertThatCode(what).doesNotThrowAnyException();
    }

    private static final Client.WatchListener NOBODY = new Client.WatchListener() {
        @Override
        public void onEvent(WatchEvent event) {}

        @Override
        public void onClosed(StatusException cause) {}
    };

    // ---- reading

    @Test
    void aNodeReadsWhatItsPodsNameAndNothingElse() {
        for (GroupVersionResource r :
                List.of(Resources.SECRETS, Resources.CONFIG_MAPS, Resources.PERSISTENT_VOLUME_CLAIMS, Resources.PODS)) {
            fine(() -> n1.get(r, "default", "mine"));
            refused(() -> n1.get(r, "default", "other"));
            refused(() -> n1.get(r, "default", "unused"));
            fine(() -> n2.get(r, "default", "other"));
        }
        fine(() -> n1.get(Resources.PERSISTENT_VOLUMES, "", "pv-mine"));
        refused(() -> n1.get(Resources.PERSISTENT_VOLUMES, "", "pv-other"));
        refused(() -> n1.get(Resources.PERSISTENT_VOLUMES, "", "pv-unused"));
        assertThat(refused(() -> n1.get(Resources.SECRETS, "default", "other")))
                .hasMessage("secrets \"other\" is forbidden: User \"system:node:n1\" cannot get resource \"secrets\" in"
                        + " API group \"\" in the namespace \"default\": no relationship found between node 'n1' and"
                        + " this object");
    }

    @Test
    void listsAndWatchesAreOfSingleObjectsToo() {
        for (GroupVersionResource r : List.of(Resources.SECRETS, Resources.CONFIG_MAPS)) {
            fine(() -> n1.list(r, "default", ListOptions.fields("metadata.name=mine")));
            fine(() -> n1.watch(r, "default", ListOptions.fields("metadata.name=mine"), NOBODY)
                    .close());
            for (String selector :
                    List.of("", "metadata.name=other", "metadata.name!=mine", "metadata.namespace=default")) {
                refused(() -> n1.list(r, "default", ListOptions.fields(selector)));
                refused(() -> n1.watch(r, "default", ListOptions.fields(selector), NOBODY));
            }
            refused(() -> n1.list(r, "", ListOptions.fields("metadata.name=mine")));
            refused(() -> n1.list(r, "", ListOptions.ALL));
        }
        refused(() -> n1.list(Resources.PERSISTENT_VOLUME_CLAIMS, "default", ListOptions.fields("metadata.name=mine")));
        fine(() -> n1.list(Resources.PODS, "", ListOptions.fields("spec.nodeName=n1")));
        refused(() -> n1.list(Resources.PODS, "", ListOptions.fields("spec.nodeName=n2")));
        refused(() -> n1.list(Resources.PODS, "", ListOptions.fields("spec.nodeName!=n1")));
        assertThat(refused(() -> n1.list(Resources.PODS, "", ListOptions.ALL)))
                .hasMessageEndingWith("can only list/watch pods with spec.nodeName field selector");
        fine(() -> n1.get(Resources.NODES, "", "n1"));
        refused(() -> n1.get(Resources.NODES, "", "n2"));
        refused(() -> n1.list(Resources.NODES, "", ListOptions.ALL));
        fine(() -> n1.list(Resources.SERVICES, "", ListOptions.ALL));
    }

    @Test
    void ofDeviceClaimsANodeGetsThoseOfItsPods() {
        for (String name : List.of("named", "made", "unused")) {
            create(
                    admin,
                    Resources.RESOURCE_CLAIMS,
                    tree("{'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaim'," + "'metadata':{'name':'" + name
                            + "','namespace':'default'},'spec':{}}"));
        }
        List<Unstructured> asked = tree("{'v':[{'name':'a','resourceClaimName':'named'},"
                        + "{'name':'b','resourceClaimTemplateName':'t'}]}")
                .objects("v");
        create(
                admin,
                Resources.PODS,
                pod("unused", "n1").set("p", "metadata", "name").set(asked, "spec", "resourceClaims"));
        fine(() -> n1.get(Resources.RESOURCE_CLAIMS, "default", "named"));
        refused(() -> n2.get(Resources.RESOURCE_CLAIMS, "default", "named"));
        refused(() -> n1.get(Resources.RESOURCE_CLAIMS, "default", "made"));
        refused(() -> n1.list(Resources.RESOURCE_CLAIMS, "default", ListOptions.fields("metadata.name=named")));
        Unstructured pod = admin.get(Resources.PODS, "default", "p").object().copy();
        pod.set(
                tree("{'v':[{'name':'b','resourceClaimName':'made'}]}").objects("v"),
                "status",
                "resourceClaimStatuses");
        admin.update(Resources.PODS, pod, WriteOptions.STATUS);
        fine(() -> n1.get(Resources.RESOURCE_CLAIMS, "default", "made"));
        refused(() -> n1.get(Resources.RESOURCE_CLAIMS, "default", "unused"));
        refused(() -> n1.update(
                Resources.RESOURCE_CLAIMS,
                admin.get(Resources.RESOURCE_CLAIMS, "default", "made").object(),
                WriteOptions.STATUS));
        refused(() -> create(n1, Resources.PODS, mirror().set(asked, "spec", "resourceClaims")));
        admin.delete(Resources.PODS, "default", "p", DeleteOptions.NOW);
        refused(() -> n1.get(Resources.RESOURCE_CLAIMS, "default", "made"));
    }

    @Test
    void aPodThatComesBringsRightsAndTakesThemWithIt() {
        create(admin, Resources.PODS, pod("unused", "n1"));
        fine(() -> n1.get(Resources.SECRETS, "default", "unused"));
        create(admin, Resources.PODS, pod("mine", "n1").set("second", "metadata", "name"));
        admin.delete(Resources.PODS, "default", "mine", DeleteOptions.NOW);
        fine(() -> n1.get(Resources.SECRETS, "default", "mine"));
        admin.delete(Resources.PODS, "default", "second", DeleteOptions.NOW);
        refused(() -> n1.get(Resources.SECRETS, "default", "mine"));
        refused(() -> n1.get(Resources.PERSISTENT_VOLUMES, "", "pv-mine"));
    }

    @Test
    void aPodNotYetOnANodeGivesNobodyAnything() {
        create(admin, Resources.PODS, pod("unused", ""));
        refused(() -> n1.get(Resources.SECRETS, "default", "unused"));
        admin.post(
                Resources.PODS,
                "default",
                "unused",
                "binding",
                tree(
                        "{'apiVersion':'v1','kind':'Binding','metadata':{'name':'unused'},'target':{'kind':'Node','name':'n1'}}"));
        fine(() -> n1.get(Resources.SECRETS, "default", "unused"));
    }

    @Test
    void whoBelongsToTheGroupAloneOrToTheNameAloneIsNoNode() {
        Client group = server.client(new UserInfo("mallory", Set.of(UserInfo.NODES, UserInfo.AUTHENTICATED)));
        Client name = server.client(new UserInfo("system:node:n1", Set.of(UserInfo.AUTHENTICATED)));
        Client none = server.client(new UserInfo("system:node:", Set.of(UserInfo.NODES, UserInfo.AUTHENTICATED)));
        for (Client c : List.of(group, name, none)) {
            refused(() -> c.get(Resources.SECRETS, "default", "mine"));
            refused(() -> c.list(Resources.SERVICES, "", ListOptions.ALL));
            refused(() -> create(c, Resources.NODES, node("n3")));
        }
    }

    // ---- tokens

    private static Unstructured tokenFor(Unstructured pod) {
        return Unstructured.of("authentication.k8s.io/v1", "TokenRequest")
                .set("v1", "spec", "boundObjectRef", "apiVersion")
                .set("Pod", "spec", "boundObjectRef", "kind")
                .set(pod.name(), "spec", "boundObjectRef", "name")
                .set(pod.uid(), "spec", "boundObjectRef", "uid");
    }

    @Test
    void tokensAreForItsOwnPodsAlone() {
        Unstructured mine = admin.get(Resources.PODS, "default", "mine").object();
        Unstructured other = admin.get(Resources.PODS, "default", "other").object();
        fine(() -> n1.post(Resources.SERVICE_ACCOUNTS, "default", "mine", "token", tokenFor(mine)));
        refused(() -> n1.post(Resources.SERVICE_ACCOUNTS, "default", "other", "token", tokenFor(other)));
        refused(() -> n1.post(Resources.SERVICE_ACCOUNTS, "default", "unused", "token", tokenFor(mine)));
        assertThat(refused(() -> n1.post(Resources.SERVICE_ACCOUNTS, "default", "mine", "token", tokenFor(other))))
                .hasMessageEndingWith("node requested token bound to a pod scheduled on a different node");
        assertThat(refused(() -> n1.post(Resources.SERVICE_ACCOUNTS, "default", "mine", "token", tree("{'spec':{}}"))))
                .hasMessageEndingWith("node requested token not bound to a pod");
        assertThat(refused(() -> n1.post(
                        Resources.SERVICE_ACCOUNTS,
                        "default",
                        "mine",
                        "token",
                        tokenFor(mine).set(null, "spec", "boundObjectRef", "uid"))))
                .hasMessageEndingWith("node requested token with a pod binding without a uid");
        refused(() -> n1.post(
                Resources.SERVICE_ACCOUNTS,
                "default",
                "mine",
                "token",
                tokenFor(mine).set(other.uid(), "spec", "boundObjectRef", "uid")));
    }

    // ---- pods

    @Test
    void statusesDeletionsAndEvictionsAreOfItsOwnPods() {
        String status = "{'status':{'message':'hello'}}";
        fine(() -> n1.patch(Resources.PODS, "default", "mine", Patch.merge(tree(status)), WriteOptions.STATUS));
        assertThat(refused(() ->
                        n1.patch(Resources.PODS, "default", "other", Patch.merge(tree(status)), WriteOptions.STATUS)))
                .hasMessageEndingWith(
                        "node \"n1\" can only update pod status for pods with spec.nodeName set to itself");
        refused(() -> n1.patch(
                Resources.PODS,
                "default",
                "mine",
                Patch.merge(tree("{'metadata':{'labels':{'a':'b'}}}")),
                WriteOptions.DEFAULT));
        Unstructured eviction = tree("{'apiVersion':'policy/v1','kind':'Eviction','metadata':{'name':'other'}}");
        assertThat(refused(() -> n1.post(Resources.PODS, "default", "other", "eviction", eviction)))
                .hasMessageEndingWith("node n1 can only evict pods with spec.nodeName set to itself");
        assertThat(refused(() -> n1.delete(Resources.PODS, "default", "other", DeleteOptions.NOW)))
                .hasMessageEndingWith("node \"n1\" can only delete pods with spec.nodeName set to itself");
        refused(() -> n1.post(
                Resources.PODS,
                "default",
                "mine",
                "binding",
                tree("{'apiVersion':'v1','kind':'Binding','target':{'kind':'Node','name':'n1'}}")));
        fine(() -> n1.delete(Resources.PODS, "default", "mine", DeleteOptions.NOW));
        assertThat(catchThrowableOfType(
                                StatusException.class,
                                () -> n1.delete(Resources.PODS, "default", "mine", DeleteOptions.NOW))
                        .code())
                .isEqualTo(404);
    }

    private Unstructured mirror() {
        return tree("""
                {'apiVersion':'v1','kind':'Pod','metadata':{'name':'static-n1','namespace':'kube-system',
                  'annotations':{'kubernetes.io/config.mirror':'x'},
                  'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'n1','controller':true,'uid':'UID'}]},
                 'spec':{'nodeName':'n1','containers':[{'name':'main','image':'x'}]}}""".replace("UID", admin.get(Resources.NODES, "", "n1").uid()));
    }

    @Test
    void onlyMirrorsThatNameNothingAreItsToCreate() {
        assertThat(refused(() -> create(n1, Resources.PODS, pod("new", "n1"))))
                .hasMessage("pods \"new\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, "
                        + "node \"n1\" can only create mirror pods");
        refused(() -> create(n1, Resources.PODS, mirror().set("n2", "spec", "nodeName")));
        refused(() -> create(n1, Resources.PODS, mirror().set(null, "metadata", "ownerReferences")));
        Unstructured others = mirror();
        others.objects("metadata", "ownerReferences").getFirst().set("n2", "name");
        refused(() -> create(n1, Resources.PODS, others));
        Unstructured stale = mirror();
        stale.objects("metadata", "ownerReferences").getFirst().set("stale", "uid");
        assertThat(refused(() -> create(n1, Resources.PODS, stale))).hasMessageContaining("UID mismatch");
        refused(() -> create(n1, Resources.PODS, mirror().set("admin", "spec", "serviceAccountName")));
        refused(() -> create(
                n1,
                Resources.PODS,
                mirror().set(
                                tree("{'v':[{'name':'a','secret':{'secretName':'other'}}]}")
                                        .objects("v"),
                                "spec",
                                "volumes")));
        refused(() -> create(
                n1,
                Resources.PODS,
                mirror().set(
                                tree("{'v':[{'name':'a','configMap':{'name':'other'}}]}")
                                        .objects("v"),
                                "spec",
                                "volumes")));
        fine(() -> create(n1, Resources.PODS, mirror()));
    }

    // ---- itself

    @Test
    void aNodeWritesOnlyItselfAndNotWhatSteersPodsToIt() {
        refused(() -> create(n1, Resources.NODES, node("n3")));
        Patch hello = Patch.merge(tree("{'metadata':{'annotations':{'hello':'world'}}}"));
        fine(() -> n1.patch(Resources.NODES, "", "n1", hello, WriteOptions.DEFAULT));
        assertThat(refused(() -> n1.patch(Resources.NODES, "", "n2", hello, WriteOptions.DEFAULT)))
                .hasMessage("nodes \"n2\" is forbidden: node \"n1\" is not allowed to modify node \"n2\"");
        refused(() -> n1.patch(
                Resources.NODES, "", "n2", Patch.merge(tree("{'status':{'phase':'x'}}")), WriteOptions.STATUS));
        refused(() -> n1.delete(Resources.NODES, "", "n1", DeleteOptions.NOW));
        admin.patch(
                Resources.NODES,
                "",
                "n1",
                Patch.merge(tree("{'spec':{'taints':[{'key':'k','effect':'NoSchedule'}]}}")),
                WriteOptions.DEFAULT);
        assertThat(refused(() -> n1.patch(
                        Resources.NODES,
                        "",
                        "n1",
                        Patch.merge(tree("{'spec':{'taints':null}}")),
                        WriteOptions.DEFAULT)))
                .hasMessageEndingWith("node \"n1\" is not allowed to modify taints");
        for (String label : List.of(
                "node-restriction.kubernetes.io/secure",
                "example.node-restriction.kubernetes.io/secure",
                "node-role.kubernetes.io/control-plane",
                "kubernetes.io/evil",
                "x.k8s.io/evil")) {
            Patch patch = Patch.merge(tree("{'metadata':{'labels':{'" + label + "':'true'}}}"));
            assertThat(refused(() -> n1.patch(Resources.NODES, "", "n1", patch, WriteOptions.DEFAULT)))
                    .hasMessageEndingWith("is not allowed to modify labels: " + label);
        }
        for (String label : List.of(
                "kubernetes.io/arch", "node.kubernetes.io/x", "a.kubelet.kubernetes.io/x", "example.com/x", "plain")) {
            fine(() -> n1.patch(
                    Resources.NODES,
                    "",
                    "n1",
                    Patch.merge(tree("{'metadata':{'labels':{'" + label + "':'true'}}}")),
                    WriteOptions.DEFAULT));
        }
        admin.delete(Resources.NODES, "", "n1", DeleteOptions.NOW);
        assertThat(refused(() -> create(
                        n1,
                        Resources.NODES,
                        node("n1").set("", "metadata", "labels", "node-role.kubernetes.io/control-plane"))))
                .hasMessageEndingWith("node \"n1\" is not allowed to set the following labels: "
                        + "node-role.kubernetes.io/control-plane");
    }

    @Test
    void aNodeRenewsItsOwnLeaseAlone() {
        fine(() -> create(
                n1, Resources.LEASES, Unstructured.of("coordination.k8s.io/v1", "Lease", "kube-node-lease", "n1")));
        create(n2, Resources.LEASES, Unstructured.of("coordination.k8s.io/v1", "Lease", "kube-node-lease", "n2"));
        refused(() -> create(
                n1, Resources.LEASES, Unstructured.of("coordination.k8s.io/v1", "Lease", "kube-node-lease", "n3")));
        refused(() ->
                create(n1, Resources.LEASES, Unstructured.of("coordination.k8s.io/v1", "Lease", "default", "n1")));
        fine(() -> n1.get(Resources.LEASES, "kube-node-lease", "n1"));
        refused(() -> n1.get(Resources.LEASES, "kube-node-lease", "n2"));
        refused(() -> n1.delete(Resources.LEASES, "kube-node-lease", "n2", DeleteOptions.NOW));
        refused(() -> n1.list(Resources.LEASES, "kube-node-lease", ListOptions.ALL));
    }

    @Test
    void ofItsClaimsANodeWritesTheCapacityAtMost() {
        fine(() -> n1.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "mine",
                Patch.merge(tree("{'status':{'capacity':{'storage':'2Gi'}}}")),
                WriteOptions.STATUS));
        refused(() -> n1.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "mine",
                Patch.merge(tree("{'status':{'phase':'Lost'}}")),
                WriteOptions.STATUS));
        refused(() -> n1.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "other",
                Patch.merge(tree("{'status':{'capacity':{'storage':'2Gi'}}}")),
                WriteOptions.STATUS));
        refused(() -> n1.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "mine",
                Patch.merge(tree("{'metadata':{'labels':{'a':'b'}}}")),
                WriteOptions.DEFAULT));
    }

    @Test
    void aNodeHasNoOtherWayUp() {
        refused(() -> n1.list(Resources.CLUSTER_ROLES, "", ListOptions.ALL));
        refused(() -> create(n1, Resources.SECRETS, Unstructured.of("v1", "Secret", "default", "new")));
        refused(() -> n1.delete(Resources.SECRETS, "default", "mine", DeleteOptions.NOW));
        refused(() -> n1.patch(
                Resources.SECRETS,
                "default",
                "mine",
                Patch.merge(tree("{'metadata':{'labels':{'a':'b'}}}")),
                WriteOptions.DEFAULT));
        refused(() -> n1.get(Resources.SERVICE_ACCOUNTS, "default", "mine"));
        refused(() -> n1.list(Resources.DEPLOYMENTS, "", ListOptions.ALL));
    }
}
