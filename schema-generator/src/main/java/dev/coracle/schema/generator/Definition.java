package dev.coracle.schema.generator;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One definition of the OpenAPI document.
 *
 * @param name {@code io.k8s.api.apps.v1.DeploymentSpec}
 * @param group the API group and version of a kind ({@code apps/v1}), null for what is only a part of kinds
 * @param atomic whether it is owned as a whole ({@code +structType=atomic})
 */
record Definition(
        String name, @Nullable String group, String description, boolean atomic, Map<String, Property> properties) {

    String packageName() {
        return name.substring(0, name.lastIndexOf('.'));
    }

    String simpleName() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * @param type as in Go: {@code int32}, {@code []string}, {@code map[string]quantity}, {@code
     *     []io.k8s.api.core.v1.Container}
     * @param flags what else is known, as {@link Writing} documents it
     */
    record Property(String name, String type, boolean required, List<String> flags, String description) {}
}
