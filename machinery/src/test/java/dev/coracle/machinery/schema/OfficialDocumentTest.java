package dev.coracle.machinery.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schema.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Holds the schemas against an official OpenAPI document of version 2, which the source of Debian's package
 * python-kubernetes carries as {@code kubernetes/swagger.json.unprocessed}:
 *
 * <pre>{@code mvn -pl machinery test -Dtest=OfficialDocumentTest -Dsurefire.jvm=-Dswagger=swagger.json.unprocessed}</pre>
 *
 * <p>Its 30.1 is of Kubernetes 1.30: required fields and descriptions have changed since, types and merge keys have not.
 */
@EnabledIfSystemProperty(named = "swagger", matches = ".+")
class OfficialDocumentTest {
    private final Schemas schemas = Schemas.builtIn();
    private final List<String> differences = new ArrayList<>();
    private int compared;

    @Test
    void typesAndMergeKeysAreTheOfficialOnes() throws IOException {
        Unstructured definitions = new Unstructured(
                        Json.parseObject(Files.readAllBytes(Path.of(System.getProperty("swagger")))))
                .object("definitions");
        for (String name : definitions.map().keySet()) {
            if (name.matches(".*\\.v\\d+\\.[^.]+") && !name.endsWith(".JSONSchemaProps")) {
                schemas.named(name).ifPresent(s -> compare(s, definitions.object(name, "properties")));
            }
        }
        assertThat(differences)
                .containsExactlyInAnyOrder(
                        "CustomResourceSubresources.status: type CustomResourceSubresourceStatus, here ",
                        "CertificateSigningRequestSpec.request: list atomic, here ",
                        "CertificateSigningRequestStatus.certificate: list atomic, here ",
                        "Status.details: list atomic, here ",
                        "APIServiceSpec.caBundle: list atomic, here ");
        assertThat(compared).isGreaterThan(2000);
    }

    private void compare(Schema schema, Unstructured properties) {
        for (String name : properties.map().keySet()) {
            Property p = schema.properties().get(name);
            if (p == null) {
                continue;
            }
            compared++;
            String at = schema.simpleName() + "." + name;
            Unstructured official = properties.object(name);
            same(at, "type", type(official), type(p.schema()));
            same(
                    at,
                    "list",
                    official.string("x-kubernetes-list-type"),
                    p.listType().map(t -> t.name().toLowerCase(Locale.ROOT)).orElse(""));
            same(at, "keys", official.stringList("x-kubernetes-list-map-keys"), p.listKeys());
            same(
                    at,
                    "merge key",
                    official.string("x-kubernetes-patch-merge-key"),
                    p.patchMergeKey().orElse(""));
            same(at, "strategy", official.string("x-kubernetes-patch-strategy"), String.join(",", p.patchStrategy()));
        }
    }

    private void same(String at, String what, Object official, Object here) {
        if (!Objects.equals(official, here)) {
            differences.add(at + ": " + what + " " + official + ", here " + here);
        }
    }

    private static String type(Unstructured official) {
        String ref = official.string("$ref");
        if (!ref.isEmpty()) {
            String name = ref.substring(ref.lastIndexOf('.') + 1);
            return name.equals("FieldsV1") ? "RawExtension" : name;
        }
        return switch (official.string("type")) {
            case "array" -> "[]" + type(official.object("items"));
            case "object" -> "map " + type(official.object("additionalProperties"));
            default -> official.string("type") + " " + official.string("format");
        };
    }

    private static String type(Schema schema) {
        return switch (schema.kind()) {
            case OBJECT -> schema.simpleName();
            case LIST -> "[]" + type(schema.element());
            case MAP -> "map " + type(schema.element());
            case TIME, MICRO_TIME, DURATION, QUANTITY, INT_OR_STRING, RAW ->
                schema.goType().substring(schema.goType().indexOf('.') + 1);
            case ANY -> "";
            default ->
                schema.kind().type() + " "
                        + (schema.kind() == Kind.BOOL ? "" : schema.kind().format());
        };
    }
}
