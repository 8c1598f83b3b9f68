package dev.coracle.apiserver.encryption;

import dev.coracle.apiserver.encryption.EncryptionConfiguration.Key;
import dev.coracle.apiserver.encryption.EncryptionConfiguration.Provider;
import dev.coracle.apiserver.encryption.EncryptionConfiguration.Rule;
import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What upstream asks of a configuration, in its words. Of keys, names alone come into messages. */
final class ConfigurationRules {
    private static final Set<String> NO_API =
            Set.of("apiserveripinfo", "serviceipallocations", "servicenodeportallocations");

    private final List<String> problems = new ArrayList<>();
    private final Set<String> plugins = new HashSet<>();

    private ConfigurationRules() {}

    /** Asks for every field that there may be. */
    static void touch(Fields fields) {
        for (Fields rule : fields.objects("resources")) {
            rule.texts("resources");
            for (Fields provider : rule.objects("providers")) {
                provider.object(Providers.IDENTITY);
                Fields kms = provider.object(Providers.KMS);
                List.of("name", "endpoint", "apiVersion").forEach(kms::text);
                kms.ignore("timeout", "cachesize");
                for (Providers.Row row : Providers.ROWS) {
                    for (Fields key : provider.object(row.field()).objects("keys")) {
                        key.text("name");
                        key.text("secret");
                    }
                }
            }
        }
    }

    /** @throws IllegalArgumentException that names all problems, if there are any */
    static EncryptionConfiguration check(Fields fields) {
        ConfigurationRules rules = new ConfigurationRules();
        List<Rule> read = rules.rules(fields);
        if (!rules.problems.isEmpty()) {
            throw new IllegalArgumentException("error while parsing file: "
                    + (rules.problems.size() == 1
                            ? rules.problems.getFirst()
                            : "[" + String.join(", ", rules.problems) + "]"));
        }
        for (String plugin : rules.plugins) {
            throw new IllegalArgumentException("error while building transformers: could not configure KMS plugin \""
                    + plugin + "\": this server calls no KMS plugins");
        }
        return EncryptionConfiguration.of(read);
    }

    private void required(String path, String why) {
        problems.add(path + ": Required value: " + why);
    }

    private void invalid(String path, Object value, String why) {
        problems.add(path + ": Invalid value: " + Json.string(value) + ": " + why);
    }

    private List<Rule> rules(Fields fields) {
        List<Rule> rules = new ArrayList<>();
        List<Fields> all = fields.objects("resources");
        if (all.isEmpty()) {
            required("resources", "at least one resources is required");
        }
        for (Fields f : all) {
            String resources = f.path() + ".resources";
            List<String> names = f.texts("resources");
            if (names.isEmpty()) {
                required(resources, "at least one " + resources + " is required");
            }
            overlaps(resources, names);
            for (int i = 0; i < names.size(); i++) {
                name(resources + "[" + i + "]", names.get(i));
            }
            List<Fields> providers = f.objects("providers");
            if (providers.isEmpty()) {
                String path = f.path() + ".providers";
                required(path, "at least one " + path + " is required");
            }
            List<Provider> read = new ArrayList<>();
            providers.forEach(p -> provider(p).ifPresent(read::add));
            rules.add(new Rule(names.stream().map(ResourceName::of).toList(), List.copyOf(read)));
        }
        return rules;
    }

    private void overlaps(String path, List<String> names) {
        List<ResourceName> all = names.stream().map(ResourceName::of).toList();
        boolean twice = new HashSet<>(all).size() < all.size();
        boolean overlap = false;
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < all.size(); j++) {
                ResourceName a = all.get(i);
                ResourceName b = all.get(j);
                overlap |= i != j && !a.equals(b) && (a.equals(ResourceName.ALL) || a.equals(b.wholeGroup()));
            }
        }
        if (twice) {
            invalid(path, names, "the same resource cannot be specified multiple times");
        }
        if (overlap) {
            invalid(
                    path,
                    names,
                    "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as"
                            + " they will be masked");
        }
    }

    private void name(String path, String text) {
        ResourceName name = ResourceName.of(text);
        if (!text.toLowerCase(Locale.ROOT).equals(text)) {
            invalid(path, text, "resource name should not contain capital letters");
        } else if (text.equals("*")) {
            invalid(
                    path,
                    text,
                    "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources");
        } else if (NO_API.contains(text)) {
            invalid(path, text, "resources which do not have REST API/s cannot be encrypted");
        } else if (name.group().equals("events.k8s.io")) {
            invalid(
                    path,
                    text,
                    "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in"
                            + " the config file");
        } else if (name.group().equals("extensions")) {
            invalid(path, text, "'extensions' group has been removed and cannot be used for encryption");
        } else if (name.group().equals("*") && !name.isAny()) {
            invalid(path, text, "encrypting the same resource across groups is not supported");
        }
    }

    /** Empty for what is told as a problem. */
    private Optional<Provider> provider(Fields f) {
        List<String> found = new ArrayList<>();
        for (String field : List.of(Providers.KMS, "aesgcm", "aescbc", "secretbox", Providers.IDENTITY)) {
            if (f.has(field)) {
                found.add(field);
            }
        }
        if (found.size() != 1) {
            problems.add(f.path() + ": Invalid value: "
                    + (found.isEmpty()
                            ? "{}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC,"
                                    + " Secretbox, Identity"
                            : Json.string(found) + ": more than one provider specified in a single element, should"
                                    + " split into different list elements"));
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String field = found.getFirst();
        if (field.equals(Providers.KMS)) {
            plugin(f.object(field));
            return Optional.empty();
        }
        return Optional.of(new Provider(
                field,
                Providers.of(field).map(row -> keys(f.object(field), row)).orElse(List.of())));
    }

    private List<Key> keys(Fields provider, Providers.Row row) {
        List<Key> keys = new ArrayList<>();
        List<Fields> all = provider.objects("keys");
        if (all.isEmpty()) {
            required(provider.path() + ".keys", "at least one keys is required");
        }
        for (Fields f : all) {
            String name = f.text("name");
            if (name.isEmpty()) {
                required(f.path() + ".name", "name is a mandatory field for a key");
            }
            keys.add(new Key(name, secret(f, row)));
        }
        return List.copyOf(keys);
    }

    private byte[] secret(Fields f, Providers.Row row) {
        String path = f.path() + ".secret";
        String text = f.text("secret");
        if (text.isEmpty()) {
            required(path, "secret is a mandatory field for a key");
            return new byte[0];
        }
        byte[] secret;
        try {
            secret = base64(text);
        } catch (IllegalArgumentException e) {
            invalid(path, "REDACTED", "secrets must be base64 encoded");
            return new byte[0];
        }
        if (!row.keyLengths().contains(secret.length)) {
            invalid(
                    path,
                    "REDACTED",
                    "secret is not of the expected length, got " + secret.length + ", expected one of "
                            + row.keyLengths().toString().replace(",", ""));
        }
        return secret;
    }

    /** As Go reads it: lines may end anywhere, and the end must be filled up. */
    private static byte[] base64(String text) {
        String one = text.replaceAll("[\\r\\n]", "");
        if (one.length() % 4 != 0) {
            throw new IllegalArgumentException("without padding");
        }
        return Base64.getDecoder().decode(one);
    }

    private void plugin(Fields f) {
        String name = f.text("name");
        String endpoint = f.text("endpoint");
        String version = f.has("apiVersion") ? f.text("apiVersion") : "v1";
        if (name.isEmpty()) {
            required(f.path() + ".name", "name is a mandatory field for a provider");
        }
        if (!version.equals("v1") && name.contains(":")) {
            invalid(f.path() + ".name", name, "invalid KMS provider name " + name + ", must not contain ':'");
        }
        if (!plugins.add(name) && !version.equals("v1")) {
            invalid(f.path() + ".name", name, "duplicate KMS provider name " + name + ", names must be unique");
        }
        if (endpoint.isEmpty()) {
            invalid(f.path() + ".endpoint", "", "endpoint is a mandatory field for a kms");
        } else if (!endpoint.startsWith("unix:")) {
            int colon = endpoint.indexOf(':');
            invalid(
                    f.path() + ".endpoint",
                    endpoint,
                    "unsupported scheme \"" + endpoint.substring(0, Math.max(colon, 0))
                            + "\" for KMS provider, only unix is supported");
        }
        if (!version.equals("v1") && !version.equals("v2")) {
            invalid(
                    f.path() + ".apiVersion",
                    version,
                    "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported");
        }
    }
}
