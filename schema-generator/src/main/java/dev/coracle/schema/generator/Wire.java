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
     * @param inlined whether its fields are those of the object around it in JSON
     */
    record Field(int number, String name, String type, boolean repeated, boolean inlined) {}

    String packageName() {
        return name.substring(0, name.lastIndexOf('.'));
    }
}
