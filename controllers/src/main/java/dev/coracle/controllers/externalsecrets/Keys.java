package dev.coracle.controllers.externalsecrets;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** From what a store calls things to the keys of a Secret, and from how it keeps them to what they are. */
final class Keys {
    private static final int LONGEST = 253;

    private Keys() {}

    /** @throws ProviderException when two become one */
    static Map<String, byte[]> converted(String strategy, Map<String, byte[]> in) throws ProviderException {
        Map<String, byte[]> out = new TreeMap<>();
        for (Map.Entry<String, byte[]> e : in.entrySet()) {
            String key = converted(strategy, e.getKey());
            if (out.put(key, e.getValue()) != null) {
                throw ProviderException.refused("error applying conversion strategy " + strategy
                        + " to keys: secret name collision during conversion: " + key);
            }
        }
        return out;
    }

    private static String converted(String strategy, String key) {
        StringBuilder out = new StringBuilder();
        key.codePoints().forEach(c -> {
            if (isGood(c)) {
                out.appendCodePoint(c);
            } else if (strategy.equals("Unicode")) {
                out.append(String.format(Locale.ROOT, "_U%04x_", c));
            } else {
                out.append('_');
            }
        });
        return out.toString();
    }

    static void check(Map<String, byte[]> all) throws ProviderException {
        for (String key : all.keySet()) {
            String wrong = "";
            if (key.isEmpty()) {
                wrong = "key cannot be empty";
            } else if (key.length() > LONGEST) {
                wrong = "key has length " + key.length() + " but max is " + LONGEST + ": (following is truncated): "
                        + key.substring(0, LONGEST);
            } else {
                int bad = key.codePoints().filter(c -> !isGood(c)).findFirst().orElse(-1);
                if (bad >= 0) {
                    wrong = "key has invalid character " + Character.toString(bad)
                            + ", only alphanumeric, '-', '.' and '_' are allowed: " + key;
                }
            }
            if (!wrong.isEmpty()) {
                throw ProviderException.refused(
                        "invalid secret keys (TIP: use rewrite or conversionStrategy to change keys): " + wrong);
            }
        }
    }

    private static boolean isGood(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._".indexOf(c) >= 0;
    }

    static byte[] decoded(String strategy, byte[] value) throws ProviderException {
        try {
            return switch (strategy) {
                case "Base64" -> Base64.getDecoder().decode(joined(value));
                case "Base64URL" -> Base64.getUrlDecoder().decode(joined(value));
                case "Auto" -> automatically(value);
                default -> value;
            };
        } catch (IllegalArgumentException e) {
            throw ProviderException.refused(
                    "error applying decoding strategy " + strategy + " to data: illegal base64 data");
        }
    }

    private static byte[] automatically(byte[] value) {
        for (Base64.Decoder decoder : new Base64.Decoder[] {Base64.getDecoder(), Base64.getUrlDecoder()}) {
            try {
                return decoder.decode(joined(value));
            } catch (IllegalArgumentException e) {
                // The next one, then.
            }
        }
        return value;
    }

    /** Go looks over line ends, and has no mercy with padding that is missing. */
    private static byte[] joined(byte[] value) {
        String text = new String(value, StandardCharsets.ISO_8859_1).replaceAll("[\r\n]", "");
        if (text.length() % 4 != 0) {
            throw new IllegalArgumentException();
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
