package dev.coracle.controllers.externalsecrets;

import dev.coracle.controllers.externalsecrets.ExternalSecrets.StoreRef;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** All that one ExternalSecret names, or why not: never a part of it because a store failed in between. */
final class Fetch implements AutoCloseable {
    private final Stores stores;
    private final Unstructured externalSecret;
    private final Consumer<String> missing;
    private final Map<StoreRef, Provider> open = new HashMap<>();

    /** @param missing told what the store does not have, where that is no failure */
    Fetch(Stores stores, Unstructured externalSecret, Consumer<String> missing) {
        this.stores = stores;
        this.externalSecret = externalSecret;
        this.missing = missing;
    }

    Map<String, byte[]> all() throws ProviderException {
        boolean mayMiss = !ExternalSecrets.deletionPolicy(externalSecret).equals("Retain");
        Map<String, byte[]> all = new TreeMap<>();
        List<Unstructured> from = externalSecret.objects("spec", "dataFrom");
        for (int i = 0; i < from.size(); i++) {
            String what = from.get(i).has("find") ? "find" : "extract";
            try {
                all.putAll(many(from.get(i)));
            } catch (ProviderException e) {
                if (!e.isMissing() || !mayMiss) {
                    throw e.at("error processing spec.dataFrom[" + i + "]." + what + ", err: ");
                }
                missing.accept("secret does not exist at provider using spec.dataFrom[" + i + "]");
            }
        }
        List<Unstructured> data = externalSecret.objects("spec", "data");
        for (int i = 0; i < data.size(); i++) {
            Unstructured remote = data.get(i).object("remoteRef");
            String key = remote.string("key");
            try {
                byte[] value = provider(data.get(i)).get(ref(remote));
                all.put(
                        data.get(i).string("secretKey"),
                        Keys.decoded(remote.stringOr("None", "decodingStrategy"), value));
            } catch (ProviderException e) {
                if (!e.isMissing() || !mayMiss) {
                    throw e.at("error processing spec.data[" + i + "] (key: " + key + "), err: ");
                }
                missing.accept("secret does not exist at provider using spec.data[" + i + "] (key=" + key + ")");
            }
        }
        return all;
    }

    private Map<String, byte[]> many(Unstructured entry) throws ProviderException {
        Unstructured how = entry.object(entry.has("find") ? "find" : "extract");
        Provider provider = provider(entry);
        Map<String, byte[]> found = entry.has("find")
                ? provider.find(how.string("path"), how.string("name", "regexp"))
                : provider.extract(ref(how));
        Map<String, byte[]> converted = Keys.converted(how.stringOr("Default", "conversionStrategy"), found);
        Keys.check(converted);
        Map<String, byte[]> decoded = new TreeMap<>();
        for (Map.Entry<String, byte[]> e : converted.entrySet()) {
            decoded.put(e.getKey(), Keys.decoded(how.stringOr("None", "decodingStrategy"), e.getValue()));
        }
        return decoded;
    }

    private static Provider.Ref ref(Unstructured remote) {
        return new Provider.Ref(remote.string("key"), remote.string("property"), remote.string("version"));
    }

    private Provider provider(Unstructured entry) throws ProviderException {
        StoreRef ref = ExternalSecrets.store(externalSecret, entry);
        Provider known = open.get(ref);
        if (known == null) {
            known = stores.use(ref, externalSecret.namespace());
            open.put(ref, known);
        }
        return known;
    }

    @Override
    public void close() {
        open.values().forEach(Provider::close);
    }
}
