package dev.coracle.apiserver.admission;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every pod runs as a service account, {@code default} unless it names one, and finds that account's token, the
 * cluster's certificate authority and its namespace under {@value #PATH}.
 */
final class ServiceAccount implements AdmissionPlugin {
    private static final String PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String MIRROR = "kubernetes.io/config.mirror";

    /** A little over an hour: upstream adds 7 seconds so that such tokens can be told from those asked for by name. */
    private static final long TOKEN_SECONDS = 3607;

    private final Objects objects;
    private final Environment environment;

    ServiceAccount(Objects objects, Environment environment) {
        this.objects = objects;
        this.environment = environment;
    }

    @Override
    public void admit(AdmissionRequest request) {
        Unstructured pod = request.object();
        if (!request.creates(Resources.PODS) || pod.annotations().containsKey(MIRROR)) {
            return;
        }
        String name = pod.stringOr(pod.stringOr("default", "spec", "serviceAccount"), "spec", "serviceAccountName");
        name = name.isEmpty() ? "default" : name;
        pod.set(name, "spec", "serviceAccountName");
        pod.set(name, "spec", "serviceAccount");
        Unstructured account = account(request, name);
        Object automount = pod.get("spec", "automountServiceAccountToken");
        if (automount == null) {
            automount = account.get("automountServiceAccountToken");
        }
        if (!Boolean.FALSE.equals(automount)) {
            mountToken(pod);
        }
        if (pod.objects("spec", "imagePullSecrets").isEmpty()) {
            account.objects("imagePullSecrets").forEach(s -> pod.add(s.copy(), "spec", "imagePullSecrets"));
        }
    }

    /** The {@code default} account appears a moment after its namespace: worth a short wait, as upstream has it. */
    private Unstructured account(AdmissionRequest request, String name) {
        int attempts = name.equals("default") ? 10 : 1;
        for (int i = 0; i < attempts; i++) {
            Optional<Revision> found = objects.get(Resources.SERVICE_ACCOUNTS, request.namespace(), name);
            if (found.isPresent()) {
                return found.get().object();
            }
            if (i + 1 < attempts && !pause()) {
                break;
            }
        }
        throw StatusException.forbidden(
                request.resource(),
                request.name(),
                "error looking up service account " + request.namespace() + "/" + name + ": serviceaccount \"" + name
                        + "\" not found");
    }

    private boolean pause() {
        try {
            environment.sleep(Duration.ofMillis(100));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void mountToken(Unstructured pod) {
        List<Unstructured> containers = new ArrayList<>(pod.objects("spec", "initContainers"));
        containers.addAll(pod.objects("spec", "containers"));
        String volume = "";
        for (Unstructured c : containers) {
            if (c.objects("volumeMounts").stream()
                    .noneMatch(m -> m.string("mountPath").equals(PATH))) {
                if (volume.isEmpty()) {
                    volume = "kube-api-access-" + environment.entropy().suffix(5);
                }
                Unstructured mount = new Unstructured(new java.util.LinkedHashMap<>());
                mount.set(volume, "name").set(true, "readOnly").set(PATH, "mountPath");
                c.add(mount, "volumeMounts");
            }
        }
        if (!volume.isEmpty()) {
            pod.add(projected(volume), "spec", "volumes");
        }
    }

    private static Unstructured projected(String name) {
        Unstructured v = Unstructured.parse("""
                {"name": "", "projected": {"sources": [
                  {"serviceAccountToken": {"expirationSeconds": 0, "path": "token"}},
                  {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                  {"downwardAPI": {"items": [{"path": "namespace",
                    "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}],
                  "defaultMode": 420}}
                """);
        v.objects("projected", "sources").getFirst().set(TOKEN_SECONDS, "serviceAccountToken", "expirationSeconds");
        return v.set(name, "name");
    }
}
