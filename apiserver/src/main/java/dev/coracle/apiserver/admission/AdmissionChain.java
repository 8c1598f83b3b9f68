package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.podsecurity.PodSecurity;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.authorization.RbacEscalation;
import dev.coracle.client.PodReferences;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.function.Supplier;

/** The plugins in their order. */
public final class AdmissionChain {
    private final List<AdmissionPlugin> plugins;
    private final List<AdmissionPlugin> ofParts;
    private final ResourceQuota quota;

    /** @param ofParts those that judge what is no write of a whole object */
    private AdmissionChain(List<AdmissionPlugin> plugins, List<AdmissionPlugin> ofParts, ResourceQuota quota) {
        this.plugins = plugins;
        this.ofParts = ofParts;
        this.quota = quota;
    }

    /** Upstream's recommended order ({@code k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go}). */
    public static AdmissionChain standard(Objects objects, Environment environment) {
        return chain(objects, environment, new ServiceAccount(objects, environment));
    }

    /**
     * For a control plane without controllers, where no namespace ever gets its {@code default} account: pods name it
     * all the same, and nobody looks for it.
     */
    public static AdmissionChain withoutAccounts(Objects objects, Environment environment) {
        return chain(objects, environment, new AdmissionPlugin() {
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

    private static AdmissionChain chain(Objects objects, Environment environment, AdmissionPlugin accounts) {
        var nodes = new NodeRestriction(objects);
        var authorizer = new RbacAuthorizer(roles(objects));
        var certificates = new CertificateRequests(authorizer, environment.clock());
        return new AdmissionChain(
                List.of(
                        new NamespaceLifecycle(objects),
                        new LimitRanger(objects),
                        accounts,
                        nodes,
                        new PodSecurity(objects),
                        new Priority(objects),
                        new RuntimeClass(objects),
                        certificates,
                        new DefaultTolerationSeconds(),
                        new DefaultStorageClass(objects),
                        new DefaultIngressClass(objects),
                        new RbacEscalation(authorizer)),
                List.of(nodes, certificates),
                new ResourceQuota(objects));
    }

    /**
     * Judges what is no write of a whole object: of a status, an eviction, a token. Only who does it matters for those,
     * so that the plugins which restrict nodes and signers are the only ones to be asked.
     */
    public void admitSubresource(AdmissionRequest request) {
        ofParts.forEach(p -> p.admit(request));
        ofParts.forEach(p -> p.validate(request));
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
     * Lets every plugin complete the object, then every plugin judge it, then does the write. A write that a quota
     * counts runs alone in its namespace, so that two that fit only one by one cannot both pass.
     *
     * @param prepare what the registry does between the two: defaults and validation of the completed object
     * @param write stores the object; not called for a request that is refused
     */
    public <T> T around(AdmissionRequest request, Runnable prepare, Supplier<T> write) {
        for (AdmissionPlugin plugin : plugins) {
            plugin.admit(request);
        }
        prepare.run();
        for (AdmissionPlugin plugin : plugins) {
            plugin.validate(request);
        }
        return quota.around(request, write);
    }
}
