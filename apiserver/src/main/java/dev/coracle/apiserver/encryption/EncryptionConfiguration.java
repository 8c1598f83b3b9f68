package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which resources are sealed and how, as {@code kube-apiserver --encryption-provider-config} takes it.
 *
 * @param rules the first one for a resource writes
 * @param alsoRead what values may be read with that these rules do not know, of the resources named there
 */
public record EncryptionConfiguration(List<Rule> rules, List<Rule> alsoRead) {
    static final String API_VERSION = "apiserver.config.k8s.io/v1";
    static final String KIND = "EncryptionConfiguration";

    /** Everything is stored as it is. */
    public static final EncryptionConfiguration NONE = new EncryptionConfiguration(List.of(), List.of());

    record Rule(List<ResourceName> resources, List<Provider> providers) {}

    /** @param field one of {@link Providers}, or {@code identity} */
    record Provider(String field, List<Key> keys) {}

    record Key(String name, byte[] secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * @param file what it is called in messages
     * @throws IllegalArgumentException that says what is wrong with it, and no secret
     */
    public static EncryptionConfiguration parse(String file, String text) {
        String quoted = "\"" + file + "\"";
        if (text.isEmpty()) {
            throw new IllegalArgumentException("error while parsing file: error while loading file: encryption provider"
                    + " configuration file " + quoted + " is empty");
        }
        Fields fields;
        try {
            fields = read(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "error while parsing file: error decoding encryption provider configuration file " + quoted + ": "
                            + e.getMessage());
        }
        return ConfigurationRules.check(fields);
    }

    private static Fields read(String text) {
        List<Object> documents;
        try {
            documents = Yaml.parseStrictly(text);
        } catch (MalformedJsonException e) {
            // Its message may quote the line, and the line may have a secret.
            throw new IllegalArgumentException("yaml: the text is malformed");
        }
        if (documents.size() != 1) {
            throw new IllegalArgumentException("must be one document of kind " + KIND + ", not " + documents.size());
        }
        Fields fields = Fields.of(documents.getFirst());
        String version = fields.text("apiVersion");
        String kind = fields.text("kind");
        if (kind.isEmpty()) {
            throw new IllegalArgumentException("Object 'Kind' is missing");
        }
        // Under the other name the documentation had it once.
        boolean known = version.equals(API_VERSION) && kind.equals(KIND)
                || version.equals("v1") && kind.equals("EncryptionConfig");
        if (!known) {
            throw new IllegalArgumentException(
                    "no kind \"" + kind + "\" is registered for version \"" + version + "\"");
        }
        ConfigurationRules.touch(fields);
        fields.strict();
        return fields;
    }

    /** As this one, and what {@code other} would have written can be read. */
    public EncryptionConfiguration readingAlso(EncryptionConfiguration other) {
        List<Rule> all = new ArrayList<>(alsoRead);
        all.addAll(other.rules);
        return new EncryptionConfiguration(rules, List.copyOf(all));
    }

    /** @throws IllegalArgumentException where a rule would never be asked, since an earlier one is for all that it is for */
    static EncryptionConfiguration of(List<Rule> rules) {
        Set<ResourceName> seen = new HashSet<>();
        for (Rule rule : rules) {
            for (ResourceName name : rule.resources()) {
                for (ResourceName wider : List.of(name.wholeGroup(), ResourceName.ALL)) {
                    if (seen.contains(wider)) {
                        throw new IllegalArgumentException("error while building transformers: resource \"" + name
                                + "\" is masked by earlier rule \"" + wider + "\"");
                    }
                }
                seen.add(name);
            }
        }
        return new EncryptionConfiguration(List.copyOf(rules), List.of());
    }
}
