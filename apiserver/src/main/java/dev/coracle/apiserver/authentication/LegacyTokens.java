package dev.coracle.apiserver.authentication;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of Secrets ({@code pkg/serviceaccount/legacy.go}): they do not end by themselves, and are good while their Secret
 * has them.
 */
public final class LegacyTokens {
    static final String ISSUER = "kubernetes/serviceaccount";
    private static final String CLAIM = "kubernetes.io/serviceaccount/";

    private final Supplier<String> pem;
    private @Nullable SigningKey key;

    /** @param pem the signing key, RSA in PKCS #8; read when the first token is signed */
    public LegacyTokens(Supplier<String> pem) {
        this.pem = pem;
    }

    private synchronized SigningKey key() {
        SigningKey known = key;
        if (known == null) {
            known = SigningKey.of(pem.get());
            key = known;
        }
        return known;
    }

    /** A token of the account, to lie in the secret. */
    public String sign(Unstructured account, Unstructured secret) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject("system:serviceaccount:" + account.namespace() + ":" + account.name())
                .claim(CLAIM + "namespace", account.namespace())
                .claim(CLAIM + "secret.name", secret.name())
                .claim(CLAIM + "service-account.name", account.name())
                .claim(CLAIM + "service-account.uid", account.uid())
                .build();
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key().id()).build(), claims);
            jwt.sign(new RSASSASigner(key().key()));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    /**
     * Whose token it is, whose signature is good.
     *
     * @throws StatusException 401 when its secret has it no more, or its account is another
     */
    static UserInfo check(JWTClaimsSet claims, String token, ServiceAccountTokens.Objects objects)
            throws ParseException {
        String namespace = claims.getStringClaim(CLAIM + "namespace");
        String secret = claims.getStringClaim(CLAIM + "secret.name");
        String name = claims.getStringClaim(CLAIM + "service-account.name");
        String uid = claims.getStringClaim(CLAIM + "service-account.uid");
        if (namespace == null
                || secret == null
                || name == null
                || uid == null
                || !("system:serviceaccount:" + namespace + ":" + name).equals(claims.getSubject())) {
            throw StatusException.unauthorized();
        }
        Optional<Revision> account = objects.find(Resources.SERVICE_ACCOUNTS, namespace, name)
                .filter(r -> r.uid().equals(uid) && !r.isDeleting());
        boolean there = objects.find(Resources.SECRETS, namespace, secret)
                .filter(r -> !r.isDeleting() && has(r.object(), token))
                .isPresent();
        if (account.isEmpty() || !there) {
            throw StatusException.unauthorized();
        }
        return new UserInfo(claims.getSubject(), uid, ServiceAccountTokens.groups(namespace), Map.of());
    }

    private static boolean has(Unstructured secret, String token) {
        try {
            return MessageDigest.isEqual(
                    Base64.getDecoder().decode(secret.string("data", "token")), token.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
