package dev.coracle.schema.generator;

import dev.coracle.schema.generator.Definition.Property;
import dev.coracle.schema.generator.Models.Model;
import dev.coracle.schema.generator.ProtoSources.Field;
import dev.coracle.schema.generator.ProtoSources.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the message of each class and makes definitions of both.
 *
 * <p>A class' name has lost its group ({@code V1DeploymentSpec}) unless two groups contend for it ({@code
 * CoreV1Event}), so among messages of the right version and name the one wins that shares most properties. Messages
 * have what Go inlines as a field of its own ({@code volumeSource} of {@code Volume}); the classes, being made of the
 * JSON, do not.
 */
final class Joining {
    private static final Pattern CLASS = Pattern.compile("([A-Z][a-z]+)?V(\\d+(?:alpha\\d+|beta\\d+)?)([A-Z].*)");
    private static final String AGGREGATOR = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.";

    private final Map<String, Message> messages;
    private final Map<String, Model> models;
    private final Facts facts;
    private final Map<String, Message> messageOf = new LinkedHashMap<>();
    private final Map<String, String> nameOf = new LinkedHashMap<>();

    Joining(Map<String, Message> messages, Map<String, Model> models, Facts facts) {
        this.messages = messages;
        this.models = models;
        this.facts = facts;
    }

    List<Definition> join() {
        for (Model model : models.values()) {
            Message message = message(model);
            if (message != null) {
                messageOf.put(model.name(), message);
                nameOf.put(model.name(), facts.definitionName(message.name()));
            } else if (model.name().matches("V1APIService.*|ApiregistrationV1.*")) {
                nameOf.put(model.name(), AGGREGATOR + model.name().replaceFirst("^(Apiregistration)?V1", ""));
            }
        }
        List<Definition> definitions = new ArrayList<>();
        for (Model model : models.values()) {
            if (nameOf.containsKey(model.name())) {
                definitions.add(definition(model));
            }
        }
        return definitions;
    }

    /** How each message lies on the wire; to be asked after {@link #join}. */
    List<Wire> wires() {
        Map<String, Model> modelOf = new LinkedHashMap<>();
        messageOf.forEach((model, message) -> {
            Model m = models.get(model);
            if (m != null) {
                modelOf.putIfAbsent(message.name(), m);
            }
        });
        List<Wire> wires = new ArrayList<>();
        for (Message message : messages.values()) {
            Model model = modelOf.get(message.name());
            List<Wire.Field> fields = new ArrayList<>();
            for (Field f : message.fields().values()) {
                String name =
                        model == null ? facts.jsonName(message.simpleName(), f.name()) : jsonName(message, f, model);
                fields.add(new Wire.Field(f.number(), name, wireType(f.type()), label(message, f, name, model)));
            }
            wires.add(new Wire(facts.definitionName(message.name()), fields));
        }
        return wires;
    }

    private String label(Message message, Field field, String name, @Nullable Model model) {
        if (field.repeated()) {
            return "[]";
        }
        if (messages.containsKey(field.type().replaceFirst("^\\.", ""))) {
            return model != null && !model.properties().containsKey(name) ? "~" : "";
        }
        if (facts.pointer(message.name(), name)) {
            return "*";
        }
        var property = model == null ? null : model.properties().get(name);
        return property != null && property.required() ? "!" : "";
    }

    private String wireType(String proto) {
        if (proto.startsWith("map<")) {
            return "map:"
                    + wireType(proto.substring(proto.indexOf(',') + 1, proto.length() - 1)
                            .strip());
        }
        return proto.startsWith(".") ? facts.definitionName(proto.substring(1)) : proto;
    }

    private @Nullable Message message(Model model) {
        Matcher m = CLASS.matcher(model.name());
        if (!m.matches()) {
            return null;
        }
        String prefix = m.group(1) == null ? "" : "." + m.group(1).toLowerCase(java.util.Locale.ROOT) + ".";
        Message best = null;
        int most = Integer.MIN_VALUE;
        for (Message candidate : messages.values()) {
            if (candidate.simpleName().equals(m.group(3))
                    && candidate.packageName().endsWith(".v" + m.group(2))
                    && (candidate.packageName() + ".").contains(prefix)) {
                Set<String> fields = new LinkedHashSet<>();
                flatten(candidate, model, "", new LinkedHashMap<>()).keySet().forEach(fields::add);
                Set<String> common = new LinkedHashSet<>(fields);
                common.retainAll(model.properties().keySet());
                int score =
                        3 * common.size() - fields.size() - model.properties().size();
                if (score > most) {
                    most = score;
                    best = candidate;
                }
            }
        }
        return best;
    }

    /** The message's fields by JSON name, those of inlined messages among them. */
    private Map<String, Field> flatten(Message message, Model model, String inlinedBy, Map<String, Field> into) {
        for (Field f : message.fields().values()) {
            String name = jsonName(message, f, model);
            Message inlined = messages.get(f.type().replaceFirst("^\\.", ""));
            if (inlined != null
                    && !model.properties().containsKey(name)
                    && !f.name().equals(inlinedBy)) {
                flatten(inlined, model, f.name(), into);
            } else {
                into.put(name, f);
            }
        }
        return into;
    }

    /** Some messages have a field in upper case: {@code Webhooks}. */
    private String jsonName(Message message, Field field, Model model) {
        String name = facts.jsonName(message.simpleName(), field.name());
        return model.properties().keySet().stream()
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .orElse(name);
    }

    private Definition definition(Model model) {
        Message message = messageOf.get(model.name());
        String name = nameOf.getOrDefault(model.name(), "");
        Map<String, Field> fields = message == null ? Map.of() : flatten(message, model, "", new LinkedHashMap<>());
        Map<String, Property> properties = new LinkedHashMap<>();
        for (Models.Property p : model.properties().values()) {
            Field field = fields.get(p.name());
            Comment comment = field == null ? Comment.NONE : field.comment();
            String type = type(p.signature(), field == null ? "" : field.type());
            List<String> flags = flags(comment);
            flags.addAll(facts.of(name, p.name()));
            properties.put(
                    p.name(), new Property(p.name(), type, p.required(), flags, description(p.description(), comment)));
        }
        Comment comment = message == null ? Comment.NONE : message.comment();
        boolean kind = properties.containsKey("kind") && properties.containsKey("apiVersion");
        return new Definition(
                name,
                kind ? facts.group(name) : null,
                description(model.description(), comment),
                comment.value("structType").filter("atomic"::equals).isPresent()
                        || comment.value("mapType").filter("atomic"::equals).isPresent(),
                properties);
    }

    /**
     * The class' text, in which newlines have become spaces: two of them where a paragraph ended, or where an indented
     * line began, or where the author wrote two; the comment knows which. The comment's text where the class has none,
     * as for properties that refer to a definition.
     */
    private static String description(String ofModel, Comment comment) {
        if (ofModel.isEmpty()) {
            return comment.text();
        }
        StringBuilder text = new StringBuilder();
        String before = "";
        for (String part : ofModel.strip().split(" {2,}")) {
            if (!text.isEmpty()) {
                text.append(comment.between(before, part));
            }
            text.append(part);
            before = part;
        }
        return text.toString();
    }

    private List<String> flags(Comment comment) {
        List<String> flags = new ArrayList<>();
        comment.value("listType")
                .ifPresent(t -> flags.add(
                        t.equals("map") ? "list=map:" + String.join(",", comment.values("listMapKey")) : "list=" + t));
        if (comment.value("mapType")
                .or(() -> comment.value("structType"))
                .filter("atomic"::equals)
                .isPresent()) {
            flags.add("atomic");
        }
        comment.value("patchStrategy").ifPresent(s -> flags.add("patch=" + s));
        comment.value("patchMergeKey").ifPresent(k -> flags.add("key=" + k));
        comment.value("default").map(facts::constant).ifPresent(d -> flags.add("default=" + d));
        return flags;
    }

    private String type(String signature, String proto) {
        if (signature.startsWith("Ljava/util/List<") || signature.startsWith("Ljava/util/Set<")) {
            return "[]" + type(argument(signature, signature.indexOf('<') + 1), proto);
        }
        if (signature.startsWith("Ljava/util/Map<")) {
            return "map[string]" + type(argument(signature, "Ljava/util/Map<Ljava/lang/String;".length()), proto);
        }
        return switch (signature) {
            case "Ljava/lang/String;" -> proto.endsWith("meta.v1.Duration") ? "duration" : "string";
            case "Ljava/lang/Integer;" -> "int32";
            case "Ljava/lang/Long;" -> "int64";
            case "Ljava/lang/Double;" -> "double";
            case "Ljava/lang/Boolean;" -> "bool";
            case "[B" -> "bytes";
            case "Ljava/time/OffsetDateTime;" -> proto.endsWith("meta.v1.MicroTime") ? "microTime" : "time";
            case "Lio/kubernetes/client/custom/Quantity;" -> "quantity";
            case "Lio/kubernetes/client/custom/IntOrString;" -> "intOrString";
            case "Ljava/lang/Object;" -> proto.contains("RawExtension") || proto.contains("FieldsV1") ? "raw" : "any";
            default -> {
                String model = signature.substring(signature.lastIndexOf('/') + 1, signature.length() - 1);
                yield nameOf.getOrDefault(model, "any");
            }
        };
    }

    private static String argument(String signature, int from) {
        return signature.substring(from, signature.length() - ">;".length());
    }
}
