package dev.coracle.apiserver.encryption;

import dev.coracle.apiserver.encryption.EncryptionConfiguration.Key;
import dev.coracle.apiserver.encryption.EncryptionConfiguration.Provider;
import dev.coracle.apiserver.encryption.EncryptionConfiguration.Rule;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.util.ArrayList;
import java.util.List;

/** How the values of each resource are written and read. */
public final class Encryption {
    private static final Transformer PLAIN = new Identity();

    private final EncryptionConfiguration configuration;
    private final Entropy entropy;
    private final Transformations told;

    public Encryption(EncryptionConfiguration configuration, Environment environment) {
        this.configuration = configuration;
        this.entropy = environment.entropy();
        this.told = new Transformations(environment.clock());
    }

    /** The rules for the resource itself; where there are none those for its group; where there are none those for all. */
    public Transformer of(GroupVersionResource resource) {
        ResourceName name = new ResourceName(resource.resource(), resource.group());
        Transformations.Of counted = told.of(resource.groupResource());
        List<Prefixed.Way> ways = new ArrayList<>();
        for (ResourceName candidate : List.of(name, name.wholeGroup(), ResourceName.ALL)) {
            if (ways.isEmpty()) {
                rules(configuration.rules(), candidate).forEach(p -> ways.add(way(p, counted)));
            }
        }
        List<Provider> others = rules(configuration.alsoRead(), name);
        if (ways.isEmpty() && others.isEmpty()) {
            return PLAIN;
        }
        if (ways.isEmpty()) {
            ways.add(new Prefixed.Way("", PLAIN));
        }
        others.forEach(p -> ways.addAll(foreign(p)));
        return new Prefixed(ways, "no matching prefix found", counted);
    }

    private static List<Provider> rules(List<Rule> rules, ResourceName name) {
        return rules.stream()
                .filter(r -> r.resources().contains(name))
                .flatMap(r -> r.providers().stream())
                .toList();
    }

    /** By its key's name, too: what is said of a value that was written with another key is what the rules say. */
    private List<Prefixed.Way> foreign(Provider provider) {
        return Providers.of(provider.field()).stream()
                .flatMap(row -> provider.keys().stream()
                        .map(key -> new Prefixed.Way(
                                row.prefix() + key.name() + ":", row.maker().apply(key.secret(), entropy))))
                .toList();
    }

    private Prefixed.Way way(Provider provider, Transformations.Of resource) {
        Providers.Row row = Providers.of(provider.field()).orElse(null);
        if (row == null) {
            return new Prefixed.Way("", PLAIN);
        }
        List<Prefixed.Way> keys = new ArrayList<>();
        for (Key key : provider.keys()) {
            keys.add(new Prefixed.Way(key.name() + ":", row.maker().apply(key.secret(), entropy)));
        }
        return new Prefixed.Way(
                row.prefix(),
                new Prefixed(
                        keys, "no matching key was found for the provided " + row.noun() + " transformer", resource));
    }

    /** What it does, counted. */
    public MultiCollector metrics() {
        return told;
    }
}
