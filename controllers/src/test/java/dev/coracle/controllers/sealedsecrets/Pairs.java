package dev.coracle.controllers.sealedsecrets;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Small pairs of keys, each made once for all tests. */
final class Pairs {
    private static final List<KeyPair> MADE = new ArrayList<>();

    private Pairs() {}

    static synchronized KeyPair of(int i) {
        try {
            KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
            g.initialize(2048);
            while (MADE.size() <= i) {
                MADE.add(g.generateKeyPair());
            }
            return MADE.get(i);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
