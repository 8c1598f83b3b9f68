package dev.coracle.apiserver;

import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ConfigMap by which extension servers know whom to believe: whose client certificates are good, and from whom they
 * may take it who asks.
 *
 * @param data empty where there is nobody to introduce
 */
record Introduction(Map<String, String> data) {
    static final Introduction NONE = new Introduction(Map.of());

    private static final System.Logger LOG = System.getLogger("coracle.apiserver");
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";

    static Introduction of(ApiServerConfig config) {
        Map<String, String> data = new TreeMap<>();
        data.put("client-ca-file", config.clientCa());
        if (!config.frontProxy().authority().isEmpty()) {
            data.put("requestheader-client-ca-file", config.frontProxy().authority());
            data.put("requestheader-allowed-names", list(FrontProxy.NAME));
            data.put("requestheader-extra-headers-prefix", list("X-Remote-Extra-"));
            data.put("requestheader-group-headers", list("X-Remote-Group"));
            data.put("requestheader-uid-headers", list("X-Remote-Uid"));
            data.put("requestheader-username-headers", list("X-Remote-User"));
        }
        return new Introduction(data);
    }

    private static String list(String only) {
        return Json.string(List.of(only));
    }

    /** One that cannot be read is left as it is: extension servers wait for its key, all else does not. */
    void publish(Registry registry) {
        if (data.isEmpty()) {
            return;
        }
        try {
            write(registry);
        } catch (StatusException e) {
            if (e.code() != 500) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "cannot say whom to believe in " + NAME + ": " + e.getMessage());
        }
    }

    /** What was written before may be of certificates that are no more. */
    private void write(Registry registry) {
        Unstructured map = Unstructured.of("v1", "ConfigMap", NAMESPACE, NAME).set(new LinkedHashMap<>(data), "data");
        registry.ensure(Resources.CONFIG_MAPS, NAMESPACE, map);
        if (!registry.get(Resources.CONFIG_MAPS, NAMESPACE, NAME)
                .object()
                .strings("data")
                .equals(data)) {
            registry.update(
                    Resources.CONFIG_MAPS,
                    NAMESPACE,
                    NAME,
                    WriteContext.SERVER,
                    old -> old.set(new LinkedHashMap<>(data), "data"));
        }
    }
}
