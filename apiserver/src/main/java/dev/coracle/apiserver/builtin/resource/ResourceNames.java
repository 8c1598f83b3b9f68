package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What drivers, pools, devices and their attributes may be called, and what drivers alone understand. */
record ResourceNames(Findings findings) {
    private static final int LONGEST_DOMAIN = 63;
    private static final int LONGEST_ID = 32;
    private static final int LONGEST_POOL = 253;
    private static final String IDENTIFIER_TEXT = "[A-Za-z_][A-Za-z0-9_]*";
    private static final Pattern IDENTIFIER = Pattern.compile(IDENTIFIER_TEXT);
    private static final String IDENTIFIER_RULE =
            "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric"
                    + " characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '"
                    + IDENTIFIER_TEXT + "')";

    void driver(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        if (length(name) > LONGEST_DOMAIN) {
            findings.tooLong(path, LONGEST_DOMAIN);
        }
        findings.invalid(path, name, Names.subdomain(name.toLowerCase(Locale.ROOT)));
    }

    void pool(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        if (length(name) > LONGEST_POOL) {
            findings.tooLong(path, LONGEST_POOL);
        }
        for (String part : name.split("/", -1)) {
            findings.invalid(path, part, Names.subdomain(part));
        }
    }

    void label(String name, String path) {
        findings.invalid(path, name, Names.label(name));
    }

    void deviceClass(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
        } else {
            findings.invalid(path, name, Names.subdomain(name));
        }
    }

    /** {@code model} or {@code gpu.example.com/model}. */
    void qualified(String name, String path) {
        String[] parts = name.split("/", -1);
        switch (parts.length) {
            case 1 -> identifier(name, path);
            case 2 -> {
                if (parts[0].isEmpty()) {
                    findings.invalid(path, "", "the domain must not be empty");
                } else {
                    driver(parts[0], path);
                }
                if (parts[1].isEmpty()) {
                    findings.invalid(path, "", "the name must not be empty");
                } else {
                    identifier(parts[1], path);
                }
            }
            default -> findings.invalid(path, name, "must not contain more than one slash");
        }
    }

    void fullyQualified(String name, String path) {
        qualified(name, path);
        if (!name.contains("/")) {
            findings.invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
        }
    }

    private void identifier(String id, String path) {
        if (length(id) > LONGEST_ID) {
            findings.tooLong(path, LONGEST_ID);
        }
        if (!IDENTIFIER.matcher(id).matches()) {
            findings.invalid(path, id, IDENTIFIER_RULE);
        }
    }

    void uid(String uid, String path) {
        if (uid.length() != 36) {
            findings.invalid(path, uid, "error validating uid: invalid UUID length: " + uid.length());
        } else if (!isUuid(uid.toLowerCase(Locale.ROOT))) {
            findings.invalid(path, uid, "error validating uid: invalid UUID format");
        } else if (!uid.equals(uid.toLowerCase(Locale.ROOT))) {
            findings.invalid(
                    path,
                    uid,
                    "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase"
                            + " hexadecimal characters");
        }
    }

    private static boolean isUuid(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Some driver's own object, of which nothing more is known. */
    void raw(@Nullable Object tree, String path, boolean stored, int longest) {
        if (tree == null) {
            findings.required(path, "");
        } else if (!stored && Json.bytes(tree).length > longest) {
            findings.tooLong(path, longest);
        } else if (!(tree instanceof Map)) {
            findings.invalid(path, "<value omitted>", "must be a valid JSON object");
        }
    }

    static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
