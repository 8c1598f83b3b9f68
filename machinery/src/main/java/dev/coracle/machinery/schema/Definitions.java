package dev.coracle.machinery.schema;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.schema.Property.Flags;
import dev.coracle.machinery.schema.Property.ListType;
import dev.coracle.machinery.schema.Schema.Kind;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The definitions of one Go package, from its two files. Their format: the generator's {@code Writing}. */
final class Definitions {
    private final String name;
    private final Schemas schemas;
    private final Map<String, Schema> all = new LinkedHashMap<>();
    private volatile @Nullable Map<String, String> texts;

    // The definition that is being read.
    private Map<String, Property> open = new TreeMap<>();
    private String openName = "";

    private Definitions(String name, Schemas schemas) {
        this.name = name;
        this.schemas = schemas;
    }

    static Definitions read(String packageName, Schemas schemas) {
        Definitions d = new Definitions(packageName, schemas);
        Resources.lines(packageName + ".schema", d::line);
        return d;
    }

    /** By simple name. */
    Map<String, Schema> all() {
        return Collections.unmodifiableMap(all);
    }

    private void line(String[] words) {
        if (words[0].isEmpty()) {
            String text = openName + "." + words[1];
            open.put(words[1], property(words, text));
            return;
        }
        open = new TreeMap<>();
        openName = words[0];
        GroupVersionKind kind =
                words.length > 1 && !words[1].isEmpty() ? GroupVersionKind.of(words[1], openName) : null;
        boolean atomic = words.length > 2 && words[2].equals("atomic");
        String text = openName;
        all.put(
                openName,
                Schema.definition(
                        name + "." + openName,
                        kind,
                        atomic,
                        Collections.unmodifiableMap(open),
                        () -> texts().getOrDefault(text, "")));
    }

    private Property property(String[] words, String text) {
        String type = words[2];
        boolean required = false;
        boolean atomic = false;
        ListType listType = null;
        List<String> listKeys = List.of();
        List<String> strategy = List.of();
        String mergeKey = null;
        String defaultValue = null;
        String goType = "";
        List<String> values = List.of();
        for (int i = 3; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String value = words[i].substring(equals + 1);
            switch (equals < 0 ? words[i] : words[i].substring(0, equals)) {
                case "!" -> required = true;
                case "atomic" -> atomic = true;
                case "list" -> {
                    String[] list = value.split(":");
                    listType = ListType.valueOf(list[0].toUpperCase(Locale.ROOT));
                    listKeys = list.length > 1 ? List.of(list[1].split(",")) : List.of();
                }
                case "patch" -> strategy = List.of(value.split(","));
                case "key" -> mergeKey = value;
                case "default" -> defaultValue = value;
                case "go" -> goType = value;
                case "enum" -> values = List.of(value.split(",", -1));
                default -> throw new IllegalStateException(text + ": unknown flag " + words[i]);
            }
        }
        String innermost = goType;
        return new Property(
                words[1],
                () -> schema(type, innermost),
                new Flags(required, listType, listKeys, atomic, strategy, mergeKey, defaultValue, values),
                () -> texts().getOrDefault(text, ""));
    }

    private Schema schema(String type, String goType) {
        if (type.startsWith("[]")) {
            return Schema.list(schema(type.substring(2), goType));
        }
        if (type.startsWith("map[string]")) {
            return Schema.map(schema(type.substring("map[string]".length()), goType));
        }
        return switch (type) {
            case "string" -> Schema.scalar(Kind.STRING, goType.isEmpty() ? "string" : goType);
            case "bytes" -> Schema.scalar(Kind.BYTES, "[]uint8");
            case "int32" -> Schema.scalar(Kind.INT32, "int32");
            case "int64" -> Schema.scalar(Kind.INT64, "int64");
            case "double" -> Schema.scalar(Kind.DOUBLE, "float64");
            case "bool" -> Schema.scalar(Kind.BOOL, "bool");
            case "time" -> Schema.scalar(Kind.TIME, "v1.Time");
            case "microTime" -> Schema.scalar(Kind.MICRO_TIME, "v1.MicroTime");
            case "duration" -> Schema.scalar(Kind.DURATION, "v1.Duration");
            case "quantity" -> Schema.scalar(Kind.QUANTITY, "resource.Quantity");
            case "intOrString" -> Schema.scalar(Kind.INT_OR_STRING, "intstr.IntOrString");
            case "raw" -> Schema.scalar(Kind.RAW, "runtime.RawExtension");
            case "any" -> Schema.scalar(Kind.ANY, "interface {}");
            default -> {
                Schema own = all.get(type);
                yield own != null
                        ? own
                        : schemas.named(type)
                                .orElseThrow(() -> new IllegalStateException(
                                        name + " refers to " + type + ", which the generator did not write"));
            }
        };
    }

    private Map<String, String> texts() {
        Map<String, String> known = texts;
        if (known == null) {
            Map<String, String> read = new HashMap<>();
            Resources.lines(name + ".text", words -> read.put(words[0], unescape(words[1])));
            texts = read;
            known = read;
        }
        return known;
    }

    private static String unescape(String line) {
        if (line.indexOf('\\') < 0) {
            return line;
        }
        StringBuilder text = new StringBuilder(line.length());
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                c = switch (line.charAt(++i)) {
                    case 'n' -> '\n';
                    case 't' -> '\t';
                    default -> line.charAt(i);
                };
            }
            text.append(c);
        }
        return text.toString();
    }
}
