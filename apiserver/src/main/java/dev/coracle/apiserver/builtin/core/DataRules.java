package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for ConfigMap and Secret. */
final class DataRules {
    private static final int MOST = 1 << 20;

    private final Findings findings;

    DataRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        long size = 0;
        for (String part : List.of("data", "binaryData")) {
            for (Map.Entry<String, String> e : o.strings(part).entrySet()) {
                findings.invalid(part + "[" + e.getKey() + "]", e.getKey(), Names.configKey(e.getKey()));
                if (part.equals("binaryData") && o.has("data", e.getKey())) {
                    findings.invalid("binaryData[" + e.getKey() + "]", e.getKey(), "duplicate of key present in data");
                }
                boolean plain = o.kind().equals("ConfigMap") && part.equals("data");
                int length = e.getValue().getBytes(StandardCharsets.UTF_8).length;
                size += plain ? length : length / 4 * 3;
            }
        }
        if (size > MOST) {
            findings.tooLong(o.kind().equals("Secret") ? "data" : "", MOST);
        }
        if (o.kind().equals("Secret")) {
            secret(o);
        }
        if (old != null) {
            update(o, old);
        }
    }

    private void secret(Unstructured o) {
        switch (o.string("type")) {
            case "kubernetes.io/service-account-token" -> {
                if (o.annotations()
                        .getOrDefault("kubernetes.io/service-account.name", "")
                        .isEmpty()) {
                    findings.required("metadata.annotations[kubernetes.io/service-account.name]", "");
                }
            }
            case "kubernetes.io/dockercfg" -> key(o, ".dockercfg");
            case "kubernetes.io/dockerconfigjson" -> key(o, ".dockerconfigjson");
            case "kubernetes.io/ssh-auth" -> key(o, "ssh-privatekey");
            case "kubernetes.io/tls" -> {
                key(o, "tls.crt");
                key(o, "tls.key");
            }
            case "kubernetes.io/basic-auth" -> {
                if (!o.has("data", "username") && !o.has("data", "password")) {
                    key(o, "username");
                    key(o, "password");
                }
            }
            default -> {}
        }
    }

    private void key(Unstructured o, String key) {
        if (!o.has("data", key)) {
            findings.required("data[" + key + "]", "");
        }
    }

    private void update(Unstructured o, Unstructured old) {
        if (o.kind().equals("Secret") && !o.string("type").equals(old.string("type"))) {
            findings.invalid("type", o.string("type"), Findings.IMMUTABLE);
        }
        if (!old.bool("immutable")) {
            return;
        }
        String why = "field is immutable when `immutable` is set";
        if (!o.bool("immutable")) {
            findings.forbidden("immutable", why);
        }
        for (String part : List.of("data", "binaryData")) {
            if (!Objects.equals(o.strings(part), old.strings(part))) {
                findings.forbidden(part, why);
            }
        }
    }
}
