package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.podsecurity.PodSecurity;
import dev.coracle.apiserver.admission.policy.MutatingPolicies;
import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.webhook.Calls;
import dev.coracle.apiserver.admission.webhook.MutatingWebhooks;
import dev.coracle.apiserver.admission.webhook.ValidatingWebhooks;
import dev.coracle.apiserver.admission.webhook.WebhookClients;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.authorization.RbacEscalation;
import dev.coracle.client.PodReferences;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** The plugins in their order. */
public final class AdmissionChain implements AutoCloseable {
    private final List<AdmissionPlugin> plugins;
    private final RbacEscalation escalation;
    private volatile Authorizer authorizer;
    private volatile boolean asksUsers;
    private final WebhookClients clients;
    private final MutatingPolicies changes;
    private final MutatingWebhooks mutating;
    private final ValidatingPolicies policies;
    private final ValidatingWebhooks validating;
    private final ResourceQuota quota;

    private AdmissionChain(Objects objects, Kinds kinds, Environment environment, AdmissionPlugin accounts) {
        var rbac = new RbacAuthorizer(roles(objects));
        this.plugins = List.of(
                new NamespaceLifecycle(objects),
                new LimitRanger(objects),
                accounts,
                new NodeRestriction(objects),
                new PodSecurity(objects),
                new Priority(objects),
                new RuntimeClass(objects),
                new CertificateRequests(rbac, environment.clock()),
                new DefaultTolerationSeconds(),
                new DefaultStorageClass(objects),
                new DefaultIngressClass(objects),
                new PersistentVolumeClaimResize(objects),
                new PodResizeValidator(objects),
                new DeviceAdminAccess(objects));
        this.escalation = new RbacEscalation(rbac);
        this.authorizer = rbac;
        Authorizer asked = (user, attributes) -> authorizer.decide(user, attributes);
        this.clients = new WebhookClients(objects, environment);
        Calls calls = new Calls(clients, environment.entropy());
        this.changes = new MutatingPolicies(objects, kinds, asked);
        this.mutating = new MutatingWebhooks(objects, kinds, asked, calls);
        this.policies = new ValidatingPolicies(objects, kinds, asked);
        this.validating = new ValidatingWebhooks(objects, kinds, asked, calls, environment.tasks());
        this.quota = new ResourceQuota(objects);
    }

    /** Upstream's recommended order ({@code k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go}). */
    public static AdmissionChain standard(Objects objects, Kinds kinds, Environment environment) {
        return new AdmissionChain(objects, kinds, environment, new ServiceAccount(objects, environment));
    }

    /**
     * For a control plane without controllers, where no namespace ever gets its {@code default} account: pods name it
     * all the same, and nobody looks for it.
     */
    public static AdmissionChain withoutAccounts(Objects objects, Kinds kinds, Environment environment) {
        return new AdmissionChain(objects, kinds, environment, new AdmissionPlugin() {
            @Override
            public void admit(AdmissionRequest request) {
                Unstructured pod = request.object();
                if (request.creates(Resources.PODS)
                        && !pod.has("spec", "serviceAccountName")
                        && !pod.annotations().containsKey(PodReferences.MIRROR)) {
                    pod.set("default", "spec", "serviceAccountName").set("default", "spec", "serviceAccount");
                }
            }
        });
    }

    /** Connections to webhooks, also for those that convert. */
    public WebhookClients webhooks() {
        return clients;
    }

    /** Whom expressions ask for rights: until this is told, the roles alone. */
    public void authorizeBy(Authorizer whole) {
        authorizer = whole;
    }

    /**
     * From now on users' webhooks and policies are asked. Not before: what every cluster has is made when a server begins,
     * and a webhook that is down, perhaps because this server was, must not keep it from that.
     */
    public void askUsers() {
        asksUsers = true;
    }

    private static RbacAuthorizer.Objects roles(Objects objects) {
        return new RbacAuthorizer.Objects() {
            @Override
            public List<Revision> all(GroupVersionResource resource) {
                return objects.list(resource, "");
            }

            @Override
            public long version(GroupVersionResource resource) {
                return objects.version(resource);
            }
        };
    }

    /**
     * Lets every plugin and webhook complete the object, then every one judge it, then does the write. A write that a
     * quota counts runs alone in its namespace, so that two that fit only one by one cannot both pass; webhooks are
     * asked before that.
     */
    public <T> T around(AdmissionRequest request, Write<T> write) {
        var reinvocation = new Reinvocation();
        mutate(request, write, reinvocation);
        if (reinvocation.isNeeded()) {
            reinvocation.again();
            mutate(request, write, reinvocation);
        }
        // After everything that may change what is given to whom.
        escalation.admit(request);
        write.check();
        for (AdmissionPlugin plugin : plugins) {
            plugin.validate(request);
        }
        if (asksUsers) {
            policies.validate(request);
            validating.validate(request);
        }
        return quota.around(request, write::store);
    }

    private void mutate(AdmissionRequest request, Write<?> write, Reinvocation reinvocation) {
        for (AdmissionPlugin plugin : plugins) {
            plugin.admit(request);
        }
        if (asksUsers) {
            changes.admit(request, write::complete, reinvocation);
            mutating.admit(request, write::complete, reinvocation);
        }
    }

    @Override
    public void close() {
        clients.close();
    }
}
