package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.env.Entropy;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** The ciphers there are. */
final class Providers {
    /**
     * @param field its name in a configuration
     * @param keyLengths in bytes
     * @param noun what upstream calls it where none of its keys fits
     */
    record Row(String field, List<Integer> keyLengths, String noun, BiFunction<byte[], Entropy, Transformer> maker) {
        /** What stands before the values it writes; the name of the key follows. */
        String prefix() {
            return "k8s:enc:" + field + ":v1:";
        }
    }

    static final String IDENTITY = "identity";
    static final String KMS = "kms";

    static final List<Row> ROWS = List.of(
            new Row("aesgcm", List.of(16, 24, 32), "AES", AesGcm::new),
            new Row("aescbc", List.of(16, 24, 32), "AES", AesCbc::new),
            new Row("secretbox", List.of(32), "Secretbox", Secretbox::new));

    private Providers() {}

    static Optional<Row> of(String field) {
        return ROWS.stream().filter(r -> r.field().equals(field)).findFirst();
    }
}
