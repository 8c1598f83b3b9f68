package dev.coracle.kubelet.pod;

import dev.coracle.client.Client;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.ImageService.Credential;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A pod's {@code imagePullSecrets}: Secrets in the format of Docker's configuration. */
final class PullSecrets {
    private final Client client;

    PullSecrets(Client client) {
        this.client = client;
    }

    /** Secrets that are missing or malformed are left out, as upstream does: the pull then fails by itself. */
    List<Credential> credentials(Unstructured pod) {
        List<Credential> all = new ArrayList<>();
        for (Unstructured ref : pod.objects("spec", "imagePullSecrets")) {
            try {
                Unstructured secret = client.get(Resources.SECRETS, pod.namespace(), ref.string("name"))
                        .object();
                byte[] json = Base64.getDecoder().decode(secret.string("data", ".dockerconfigjson"));
                Unstructured auths = Unstructured.parse(json).object("auths");
                auths.map().keySet().forEach(registry -> all.add(credential(registry, auths.object(registry))));
            } catch (StatusException | MalformedJsonException | IllegalArgumentException e) {
                System.getLogger("coracle.kubelet")
                        .log(
                                System.Logger.Level.WARNING,
                                "pull secret " + pod.namespace() + "/" + ref.string("name") + " cannot be used");
            }
        }
        return all;
    }

    private static Credential credential(String registry, Unstructured auth) {
        String host = registry.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        if (auth.has("auth")) {
            String pair = new String(Base64.getDecoder().decode(auth.string("auth")), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return new Credential(host, pair.substring(0, Math.max(0, colon)), pair.substring(colon + 1));
        }
        return new Credential(host, auth.string("username"), auth.string("password"));
    }
}
