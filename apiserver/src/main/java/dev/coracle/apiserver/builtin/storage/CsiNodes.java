package dev.coracle.apiserver.builtin.storage;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which drivers of storage run on the node of the same name. */
public final class CsiNodes {
    private static final int LONGEST_ID = 256;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "storage.k8s.io", "v1", "CSINode", "csinodes")
            .rules(CsiNodes::check)
            .columns(
                    NAME,
                    new Column("Drivers", "integer", "", "", 0, (o, now) ->
                            (long) o.objects("spec", "drivers").size()),
                    AGE)
            .build();

    private CsiNodes() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        List<Unstructured> drivers = o.objects("spec", "drivers");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < drivers.size(); i++) {
            driver(findings, drivers.get(i), names, "spec.drivers[" + i + "]");
        }
        if (old == null) {
            return;
        }
        for (Unstructured before : old.objects("spec", "drivers")) {
            for (Unstructured now : drivers) {
                if (now.string("name").equals(before.string("name"))
                        && !now.copy()
                                .remove("allocatable")
                                .equals(before.copy().remove("allocatable"))) {
                    findings.invalid("spec.drivers", now, Findings.IMMUTABLE);
                }
            }
        }
    }

    private static void driver(Findings findings, Unstructured driver, Set<String> names, String path) {
        String name = driver.string("name");
        driverName(findings, name, path + ".name");
        String id = driver.string("nodeID");
        if (id.isEmpty()) {
            findings.required(path + ".nodeID", "");
        }
        if (id.getBytes(StandardCharsets.UTF_8).length > LONGEST_ID) {
            findings.invalid(path + ".nodeID", id, "must be " + LONGEST_ID + " characters or less");
        }
        findings.notNegative(driver.object("allocatable"), path + ".allocatable", "count");
        if (!names.add(name)) {
            findings.duplicate(path + ".name", name);
        }
        Set<String> keys = new HashSet<>();
        for (String key : driver.stringList("topologyKeys")) {
            if (key.isEmpty()) {
                findings.required(path, "");
            }
            if (!keys.add(key)) {
                findings.duplicate(path, key);
            }
            findings.invalid(path, key, Names.qualified(key));
        }
    }

    static void driverName(Findings findings, String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        if (name.length() > 63) {
            findings.tooLong(path, 63);
        }
        findings.invalid(path, name, Names.subdomain(name.toLowerCase(java.util.Locale.ROOT)));
    }
}
