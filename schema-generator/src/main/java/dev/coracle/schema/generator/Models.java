package dev.coracle.schema.generator;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The definitions of Kubernetes' OpenAPI document, from the annotations of the classes that were made of them. */
final class Models {
    /** @param name the class's: {@code V1DeploymentSpec}, {@code CoreV1Event} */
    record Model(String name, String description, Map<String, Property> properties) {}

    /** @param signature {@code Ljava/util/List<Lio/kubernetes/client/openapi/models/V1Container;>;} */
    record Property(String name, String signature, boolean required, String description) {}

    static final String PACKAGE = "io/kubernetes/client/openapi/models/";

    private Models() {}

    static Map<String, Model> read(ZipFile jar) throws IOException {
        Map<String, Model> models = new LinkedHashMap<>();
        for (ZipEntry entry : jar.stream().toList()) {
            String name = entry.getName();
            if (name.startsWith(PACKAGE) && name.endsWith(".class") && !name.contains("$")) {
                try (var in = jar.getInputStream(entry)) {
                    Model m = model(ClassFile.of().parse(in.readAllBytes()));
                    models.put(m.name(), m);
                }
            }
        }
        return models;
    }

    private static Model model(ClassModel type) {
        Map<String, String> descriptions = new LinkedHashMap<>();
        Map<String, Boolean> required = new LinkedHashMap<>();
        for (var m : type.methods()) {
            annotation(m, "ApiModelProperty").ifPresent(a -> {
                String getter = plain(m.methodName().stringValue().substring("get".length()));
                descriptions.put(getter, string(a, "value"));
                required.put(getter, flag(a, "required"));
            });
        }
        Map<String, Property> properties = new LinkedHashMap<>();
        for (var f : type.fields()) {
            annotation(f, "SerializedName").ifPresent(a -> {
                String getter = plain(f.fieldName().stringValue());
                String signature = f.findAttribute(Attributes.signature())
                        .map(s -> s.signature().stringValue())
                        .orElse(f.fieldType().stringValue());
                String name = string(a, "value");
                properties.put(
                        name,
                        new Property(
                                name,
                                signature,
                                required.getOrDefault(getter, false),
                                descriptions.getOrDefault(getter, "")));
            });
        }
        String name = type.thisClass().asInternalName();
        String description =
                annotation(type, "ApiModel").map(a -> string(a, "description")).orElse("");
        return new Model(name.substring(name.lastIndexOf('/') + 1), description, properties);
    }

    /** The field {@code _default} has the accessor {@code getDefault}, and {@code $ref} has {@code get$Ref}. */
    private static String plain(String javaName) {
        return javaName.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    private static Optional<Annotation> annotation(AttributedElement of, String simpleName) {
        return of
                .findAttribute(Attributes.runtimeVisibleAnnotations())
                .map(a -> a.annotations())
                .orElse(List.of())
                .stream()
                .filter(a -> a.classSymbol().displayName().equals(simpleName))
                .findFirst();
    }

    private static String string(Annotation of, String element) {
        return of.elements().stream()
                .filter(e -> e.name().equalsString(element))
                .map(e -> e.value() instanceof AnnotationValue.OfString s ? s.stringValue() : "")
                .findFirst()
                .orElse("");
    }

    private static boolean flag(Annotation of, String element) {
        return of.elements().stream()
                .anyMatch(e -> e.name().equalsString(element)
                        && e.value() instanceof AnnotationValue.OfBoolean b
                        && b.booleanValue());
    }
}
