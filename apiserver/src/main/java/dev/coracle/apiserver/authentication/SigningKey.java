package dev.coracle.apiserver.authentication;

import dev.coracle.client.pem.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;

/** The RSA key that signs service-account tokens. */
record SigningKey(RSAPrivateCrtKey key, RSAPublicKey publicKey, String id) {

    /** @param pem {@code ""} for a key of this process alone, whose tokens end with it */
    static SigningKey of(String pem) {
        try {
            RSAPrivateCrtKey key;
            if (pem.isEmpty()) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
            } else {
                key = (RSAPrivateCrtKey) Pem.privateKey(pem);
            }
            var publicKey = (RSAPublicKey) KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
            byte[] print = MessageDigest.getInstance("SHA-256").digest(publicKey.getEncoded());
            return new SigningKey(
                    key, publicKey, Base64.getUrlEncoder().withoutPadding().encodeToString(print));
        } catch (GeneralSecurityException | ClassCastException | IllegalArgumentException e) {
            throw new IllegalStateException("the service-account key is not an RSA key", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SigningKey[" + id + "]";
    }
}
