package dev.coracle.machinery.json;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.exceptions.ConstructorException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * What plain words mean to {@code sigs.k8s.io/yaml}, which every Kubernetes tool reads with: YAML 1.1, without its numbers
 * to base 60.
 *
 * <p>For example {@code yes}, {@code on} and {@code True} are true, {@code 0644} is 420, {@code 1_000} is 1000, {@code 08}
 * is 8, {@code ~} is null, {@code <<} merges; {@code 1:20}, {@code 2001-01-01} and {@code "yes"} are text.
 */
final class GoSchema implements Schema {
    static final GoSchema INSTANCE = new GoSchema();

    private static final Pattern INTEGER =
            Pattern.compile("[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Tag TIMESTAMP = new Tag(Tag.PREFIX + "timestamp");

    private GoSchema() {}

    @Override
    public ScalarResolver getScalarResolver() {
        return (text, implicit) -> implicit ? tag(text) : Tag.STR;
    }

    @Override
    public Map<Tag, ConstructNode> getSchemaTagConstructors() {
        return Map.of(
                Tag.NULL,
                read(Tag.NULL),
                Tag.BOOL,
                read(Tag.BOOL),
                Tag.INT,
                read(Tag.INT),
                Tag.FLOAT,
                read(Tag.FLOAT),
                Tag.BINARY,
                GoSchema::binary,
                // Where it is no key it is text, and so is a time.
                Tag.MERGE,
                GoSchema::text,
                TIMESTAMP,
                GoSchema::text);
    }

    private static ConstructNode read(Tag tag) {
        return node -> {
            String text = text(node);
            Tag is = tag(text);
            if (is.equals(tag) || is.equals(Tag.INT) && tag.equals(Tag.FLOAT)) {
                return value(is, text);
            }
            throw new ConstructorException(
                    null,
                    node.getStartMark(),
                    "cannot decode " + brief(is) + " `" + text + "` as a " + brief(tag),
                    node.getStartMark());
        };
    }

    private static String brief(Tag tag) {
        return tag.getValue().replace(Tag.PREFIX, "!!");
    }

    private static String text(Node node) {
        return ((ScalarNode) node).getValue();
    }

    private static Object binary(Node node) {
        try {
            return new String(Base64.getDecoder().decode(text(node).replaceAll("\\s", "")), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ConstructorException(
                    null, node.getStartMark(), "!!binary value contains invalid base64 data", node.getStartMark());
        }
    }

    private static Tag tag(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> Tag.NULL;
            case "<<" -> Tag.MERGE;
            case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF" ->
                Tag.FLOAT;
            default -> truth(text) != null ? Tag.BOOL : number(text);
        };
    }

    private static @Nullable Boolean truth(String text) {
        return switch (text) {
            case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" -> true;
            case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" -> false;
            default -> null;
        };
    }

    private static Tag number(String text) {
        char first = text.charAt(0);
        if (first != '.' && first != '+' && first != '-' && !(first >= '0' && first <= '9')) {
            return Tag.STR;
        }
        String plain = plain(text);
        if (INTEGER.matcher(plain).matches()) {
            return Tag.INT;
        }
        boolean fits = FLOAT.matcher(plain).matches() && !Double.isInfinite(Double.parseDouble(plain));
        return fits ? Tag.FLOAT : Tag.STR;
    }

    /** {@code 1_000} is a number, {@code .1_0} is none. */
    private static String plain(String text) {
        return text.startsWith(".") ? text : text.replace("_", "");
    }

    private static @Nullable Object value(Tag tag, String text) {
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return truth(text);
        }
        String plain = plain(text);
        if (tag.equals(Tag.INT)) {
            return integer(plain);
        }
        return switch (text.charAt(text.length() - 1)) {
            case 'n', 'N' -> Double.NaN;
            case 'f', 'F' -> text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            default -> Double.parseDouble(plain);
        };
    }

    private static BigInteger integer(String plain) {
        boolean negative = plain.startsWith("-");
        String digits = negative || plain.startsWith("+") ? plain.substring(1) : plain;
        BigInteger value;
        if (digits.length() == 1 || digits.charAt(0) != '0') {
            value = new BigInteger(digits);
        } else {
            value = switch (digits.charAt(1)) {
                case 'x', 'X' -> new BigInteger(digits.substring(2), 16);
                case 'b', 'B' -> new BigInteger(digits.substring(2), 2);
                case 'o', 'O' -> new BigInteger(digits.substring(2), 8);
                default -> new BigInteger(digits, 8);
            };
        }
        return negative ? value.negate() : value;
    }
}
