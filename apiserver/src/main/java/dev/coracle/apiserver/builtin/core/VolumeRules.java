package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for a pod's volumes. */
final class VolumeRules {
    private final Findings findings;

    VolumeRules(Findings findings) {
        this.findings = findings;
    }

    /** Answers the volumes' names. */
    Set<String> check(Unstructured spec, String podPath) {
        Set<String> names = new HashSet<>();
        List<Unstructured> volumes = spec.objects("volumes");
        for (int i = 0; i < volumes.size(); i++) {
            Unstructured v = volumes.get(i);
            String path = podPath + ".volumes[" + i + "]";
            if (findings.needed(v, path, "name")) {
                findings.invalid(path + ".name", v.string("name"), Names.label(v.string("name")));
                if (!names.add(v.string("name"))) {
                    findings.duplicate(path + ".name", v.string("name"));
                }
            }
            source(v, path);
        }
        return names;
    }

    private void source(Unstructured v, String path) {
        List<String> sources = new ArrayList<>(v.map().keySet());
        sources.remove("name");
        if (sources.isEmpty()) {
            findings.required(path, "must specify a volume type");
        }
        sources.stream()
                .skip(1)
                .forEach(s -> findings.forbidden(path + "." + s, "may not specify more than 1 volume type"));
        if (v.has("configMap")) {
            findings.needed(v, path, "configMap", "name");
            files(v.object("configMap"), path + ".configMap");
        }
        if (v.has("secret")) {
            findings.needed(v, path, "secret", "secretName");
            files(v.object("secret"), path + ".secret");
        }
        if (v.has("persistentVolumeClaim")) {
            findings.needed(v, path, "persistentVolumeClaim", "claimName");
        }
        if (v.has("hostPath") && findings.needed(v, path, "hostPath", "path")) {
            if (List.of(v.string("hostPath", "path").split("/")).contains("..")) {
                findings.invalid(path + ".hostPath.path", v.string("hostPath", "path"), "must not contain '..'");
            }
        }
        if (v.has("nfs")) {
            findings.needed(v, path, "nfs", "server");
            findings.needed(v, path, "nfs", "path");
        }
        if (v.has("downwardAPI")) {
            mode(v.object("downwardAPI"), path + ".downwardAPI", "defaultMode");
        }
        if (v.has("projected")) {
            mode(v.object("projected"), path + ".projected", "defaultMode");
            List<Unstructured> projected = v.objects("projected", "sources");
            for (int i = 0; i < projected.size(); i++) {
                projection(projected.get(i), path + ".projected.sources[" + i + "]");
            }
        }
    }

    private void projection(Unstructured s, String path) {
        if (s.has("configMap")) {
            findings.needed(s, path, "configMap", "name");
            files(s.object("configMap"), path + ".configMap");
        }
        if (s.has("secret")) {
            findings.needed(s, path, "secret", "name");
            files(s.object("secret"), path + ".secret");
        }
        if (s.has("serviceAccountToken")) {
            findings.needed(s, path, "serviceAccountToken", "path");
            if (s.integer(3600, "serviceAccountToken", "expirationSeconds") < 600) {
                findings.invalid(
                        path + ".serviceAccountToken.expirationSeconds",
                        s.integer(0, "serviceAccountToken", "expirationSeconds"),
                        "may not specify a duration less than 10 minutes");
            }
        }
    }

    private void files(Unstructured source, String path) {
        mode(source, path, "defaultMode");
        List<Unstructured> items = source.objects("items");
        for (int i = 0; i < items.size(); i++) {
            String at = path + ".items[" + i + "]";
            findings.needed(items.get(i), at, "key");
            if (findings.needed(items.get(i), at, "path")) {
                relative(items.get(i).string("path"), at + ".path");
            }
            mode(items.get(i), at, "mode");
        }
    }

    private void mode(Unstructured o, String path, String field) {
        long mode = o.integer(0, field);
        if (mode < 0 || mode > 0777) {
            findings.invalid(path + "." + field, mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    /** What stays below the place it is put under. */
    void relative(String file, String path) {
        if (file.startsWith("/")) {
            findings.invalid(path, file, "must be a relative path");
        }
        if (List.of(file.split("/")).contains("..")) {
            findings.invalid(path, file, "must not contain '..'");
        }
    }
}
