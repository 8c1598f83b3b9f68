package dev.coracle.controllers.externalsecrets;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Short enough for a label's value. */
final class Hash {
    private Hash() {}

    static String of(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA3-224").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of a Secret's data, in base64: no two different ones are written the same. */
    static String of(Map<String, String> data) {
        return of(new TreeMap<>(data).toString());
    }
}
