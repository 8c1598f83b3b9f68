package dev.coracle.schema.generator;

import java.util.List;

/**
 * A protobuf message.
 *
 * @param name of the definition it is: {@code io.k8s.api.apps.v1.DeploymentSpec}
 */
record Wire(String name, List<Field> fields) {
    /**
     * @param name in JSON
     * @param type {@code int32}, {@code io.k8s.api.core.v1.PodSpec}, {@code map:bytes}
     * @param label as in the {@code .wire} file
     */
    record Field(int number, String name, String type, String label) {}

    String packageName() {
        return name.substring(0, name.lastIndexOf('.'));
    }
}
