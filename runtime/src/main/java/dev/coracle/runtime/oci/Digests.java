package dev.coracle.runtime.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** SHA-256, as content is named by it. */
final class Digests {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    static String of(byte[] content) {
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(content));
    }

    /** Computes while the stream is read. */
    static DigestInputStream reading(InputStream in) {
        return new DigestInputStream(in, sha256());
    }

    /** @throws IOException when it is none: it becomes part of paths, and a registry may say anything */
    static String valid(String digest) throws IOException {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IOException("invalid digest \"" + digest + "\"");
        }
        return digest;
    }

    static void check(byte[] content, String expected) throws IOException {
        if (!of(content).equals(expected)) {
            throw new IOException(unexpected(of(content), expected));
        }
    }

    /** In containerd's words. */
    static String unexpected(String actual, String expected) {
        return "unexpected commit digest " + actual + ", expected " + expected + ": failed precondition";
    }

    /** Reads what is left, so that the digest covers all, and compares. */
    static void check(DigestInputStream in, String expected, String what) throws IOException {
        in.transferTo(java.io.OutputStream.nullOutputStream());
        String actual =
                "sha256:" + HexFormat.of().formatHex(in.getMessageDigest().digest());
        if (!actual.equals(expected)) {
            throw new IOException(what + ": digest is " + actual + ", expected " + expected);
        }
    }

    /**
     * The chain IDs of a stack of layers (OCI image spec, "Layer ChainID"): the first layer's is its own diff ID, each
     * further one's the digest of {@code "<chain below> <diff id>"}. It names what a layer looks like on those below.
     */
    static List<String> chain(List<String> diffIds) {
        List<String> result = new java.util.ArrayList<>();
        for (String diffId : diffIds) {
            result.add(
                    result.isEmpty() ? diffId : of((result.getLast() + " " + diffId).getBytes(StandardCharsets.UTF_8)));
        }
        return result;
    }
}
