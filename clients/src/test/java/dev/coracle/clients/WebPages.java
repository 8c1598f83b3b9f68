package dev.coracle.clients;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Workflow;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Dependent;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.BooleanWithUndefined;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;

/** Of each page a ConfigMap with its text and a Deployment that serves it. */
@NullUnmarked
@Workflow(dependents = {@Dependent(type = WebPages.Text.class), @Dependent(type = WebPages.Server.class)})
@ControllerConfiguration(name = "webpages", fieldManager = "webpages")
public final class WebPages implements Reconciler<WebPages.WebPage>, Cleaner<WebPages.WebPage> {
    /** What is wanted of a page. */
    public record Spec(String title, int replicas) {}

    /** What became of it. */
    public record Status(int ready, long observedGeneration) {}

    @Group("pages.example.com")
    @Version("v1")
    public static final class WebPage extends CustomResource<Spec, Status> implements Namespaced {
        private static final long serialVersionUID = 1;

        @Override
        protected Spec initSpec() {
            return null;
        }

        @Override
        protected Status initStatus() {
            return null;
        }
    }

    /** Of itself the framework replaces ConfigMaps; all else it applies. */
    @KubernetesDependent(useSSA = BooleanWithUndefined.TRUE)
    public static final class Text extends CRUDKubernetesDependentResource<ConfigMap, WebPage> {
        @Override
        protected ConfigMap desired(WebPage page, Context<WebPage> context) {
            return new ConfigMapBuilder()
                    .withMetadata(named(page).build())
                    .addToData("index.html", html(page.getSpec().title()))
                    .build();
        }
    }

    @KubernetesDependent
    public static final class Server extends CRUDKubernetesDependentResource<Deployment, WebPage> {
        @Override
        protected Deployment desired(WebPage page, Context<WebPage> context) {
            Map<String, String> labels = Map.of("page", page.getMetadata().getName());
            return new DeploymentBuilder()
                    .withMetadata(named(page).build())
                    .withNewSpec()
                    .withReplicas(page.getSpec().replicas())
                    .withNewSelector()
                    .withMatchLabels(labels)
                    .endSelector()
                    .withNewTemplate()
                    .withNewMetadata()
                    .withLabels(labels)
                    .addToAnnotations("pages.example.com/title", page.getSpec().title())
                    .endMetadata()
                    .withNewSpec()
                    .withTerminationGracePeriodSeconds(0L)
                    .addNewContainer()
                    .withName("server")
                    .withImage("busybox")
                    .withImagePullPolicy("IfNotPresent")
                    .withCommand("httpd", "-f", "-p", "8080", "-h", "/www")
                    .addNewVolumeMount()
                    .withName("text")
                    .withMountPath("/www")
                    .endVolumeMount()
                    .endContainer()
                    .addNewVolume()
                    .withName("text")
                    .withNewConfigMap()
                    .withName(page.getMetadata().getName())
                    .endConfigMap()
                    .endVolume()
                    .endSpec()
                    .endTemplate()
                    .endSpec()
                    .build();
        }
    }

    private final Consumer<String> cleaned;

    /** @param cleaned told of each page that went */
    WebPages(Consumer<String> cleaned) {
        this.cleaned = cleaned;
    }

    static String html(String title) {
        return "<h1>" + title + "</h1>";
    }

    static WebPage page(String name, String title) {
        WebPage page = new WebPage();
        page.setMetadata(new ObjectMetaBuilder().withName(name).build());
        page.setSpec(new Spec(title, 1));
        return page;
    }

    private static ObjectMetaBuilder named(WebPage page) {
        return new ObjectMetaBuilder()
                .withName(page.getMetadata().getName())
                .withNamespace(page.getMetadata().getNamespace());
    }

    @Override
    public UpdateControl<WebPage> reconcile(WebPage page, Context<WebPage> context) {
        int ready = context.getSecondaryResource(Deployment.class)
                .map(Deployment::getStatus)
                .map(s -> s.getReadyReplicas())
                .orElse(0);
        // Applied: what is said of the status is all that there is of it.
        WebPage status = new WebPage();
        status.setMetadata(named(page).build());
        status.setStatus(new Status(ready, page.getMetadata().getGeneration()));
        return UpdateControl.patchStatus(status);
    }

    @Override
    public DeleteControl cleanup(WebPage page, Context<WebPage> context) {
        cleaned.accept(page.getMetadata().getName());
        return DeleteControl.defaultDelete();
    }
}
