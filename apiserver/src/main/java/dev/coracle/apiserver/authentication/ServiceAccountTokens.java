package dev.coracle.apiserver.authentication;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of ServiceAccounts: signed JSON web tokens that say who, for whom and until when. One that is bound to a pod
 * ends with the pod; all end with their account, since a new one of the same name has another uid (KEP-1205, KEP-2799).
 */
public final class ServiceAccountTokens {
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final String CLAIM = "kubernetes.io";
    private static final String EXTRA = "authentication.kubernetes.io/";
    /** How long a deleted object may still be used for, as upstream: its last requests are on their way. */
    private static final Duration MERCY = Duration.ofSeconds(60);

    /** Where accounts, pods, secrets and nodes are found, without authorization. */
    @FunctionalInterface
    public interface Objects {
        Optional<Revision> find(GroupVersionResource resource, String namespace, String name);
    }

    /** What a good token says. */
    public record Verified(UserInfo user, List<String> audiences) {}

    /** A name and the uid that makes it one certain object. */
    record Reference(String name, String uid) {
        static Reference of(Unstructured o) {
            return new Reference(o.name(), o.uid());
        }
    }

    private final Supplier<String> pem;
    private final Objects objects;
    private final Environment environment;
    private @Nullable SigningKey made;

    /** @param pem the signing key, RSA in PKCS #8; {@code ""} for one of this process alone */
    public ServiceAccountTokens(Supplier<String> pem, Objects objects, Environment environment) {
        this.pem = pem;
        this.objects = objects;
        this.environment = environment;
    }

    /** Read when first needed, since many clusters of tests never do. */
    private synchronized SigningKey key() {
        SigningKey k = made;
        if (k == null) {
            k = SigningKey.of(pem.get());
            made = k;
        }
        return k;
    }

    static Set<String> groups(String namespace) {
        return Set.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, UserInfo.AUTHENTICATED);
    }

    /**
     * A token.
     *
     * @param bound {@code pod}, {@code node} or {@code secret} with what it is bound to
     */
    String issue(Unstructured account, List<String> audiences, Instant expires, Map<String, Reference> bound) {
        Instant now = environment.clock().now();
        Map<String, Object> kubernetes = new LinkedHashMap<>();
        kubernetes.put("namespace", account.namespace());
        bound.forEach((kind, r) -> kubernetes.put(kind, Map.of("name", r.name(), "uid", r.uid())));
        kubernetes.put("serviceaccount", Map.of("name", account.name(), "uid", account.uid()));
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .audience(audiences)
                .expirationTime(Date.from(expires))
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .issuer(ISSUER)
                .jwtID(environment.entropy().uuid().toString())
                .claim(CLAIM, kubernetes)
                .subject("system:serviceaccount:" + account.namespace() + ":" + account.name())
                .build();
        try {
            var jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key().id()).build(), claims);
            jwt.sign(new RSASSASigner(key().key()));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
    }

    /**
     * Whose token it is.
     *
     * @param audiences one of which the token must be for; empty for this API server
     * @throws StatusException 401
     */
    public Verified verify(String token, List<String> audiences) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
                    || !jwt.verify(new RSASSAVerifier(key().publicKey()))) {
                throw StatusException.unauthorized();
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (LegacyTokens.ISSUER.equals(claims.getIssuer())) {
                // They are for this server alone.
                if (!audiences.isEmpty() && !audiences.contains(ISSUER)) {
                    throw StatusException.unauthorized();
                }
                return new Verified(LegacyTokens.check(claims, token, objects), List.of(ISSUER));
            }
            return check(claims, audiences.isEmpty() ? List.of(ISSUER) : audiences);
        } catch (ParseException | JOSEException e) {
            throw StatusException.unauthorized();
        }
    }

    private Verified check(JWTClaimsSet claims, List<String> audiences) throws ParseException {
        Date now = Date.from(environment.clock().now());
        List<String> shared =
                audiences.stream().filter(claims.getAudience()::contains).toList();
        if (!ISSUER.equals(claims.getIssuer())
                || claims.getExpirationTime() == null
                || !now.before(claims.getExpirationTime())
                || claims.getNotBeforeTime() != null && now.before(claims.getNotBeforeTime())
                || shared.isEmpty()) {
            throw StatusException.unauthorized();
        }
        Unstructured k = new Unstructured(
                Optional.ofNullable(claims.getJSONObjectClaim(CLAIM)).orElse(Map.of()));
        String namespace = k.string("namespace");
        String name = k.string("serviceaccount", "name");
        String uid = k.string("serviceaccount", "uid");
        if (!("system:serviceaccount:" + namespace + ":" + name).equals(claims.getSubject())) {
            throw StatusException.unauthorized();
        }
        require(Resources.SERVICE_ACCOUNTS, namespace, name, uid);
        Map<String, List<String>> extra = new LinkedHashMap<>();
        extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.getJWTID()));
        if (k.has("secret")) {
            require(Resources.SECRETS, namespace, k.string("secret", "name"), k.string("secret", "uid"));
        }
        if (k.has("pod")) {
            require(Resources.PODS, namespace, k.string("pod", "name"), k.string("pod", "uid"));
        } else if (k.has("node")) {
            require(Resources.NODES, "", k.string("node", "name"), k.string("node", "uid"));
        }
        for (String kind : List.of("pod", "node")) {
            if (k.has(kind)) {
                extra.put(EXTRA + kind + "-name", List.of(k.string(kind, "name")));
                extra.put(EXTRA + kind + "-uid", List.of(k.string(kind, "uid")));
            }
        }
        return new Verified(new UserInfo(claims.getSubject(), uid, groups(namespace), extra), shared);
    }

    /** What the token stands on must still be there, and the very same. */
    private void require(GroupVersionResource resource, String namespace, String name, String uid) {
        Optional<Revision> found =
                objects.find(resource, namespace, name).filter(r -> r.uid().equals(uid));
        boolean gone = found.flatMap(r -> r.object().time("metadata", "deletionTimestamp"))
                .filter(t -> t.plus(MERCY).isBefore(environment.clock().now()))
                .isPresent();
        if (found.isEmpty() || gone) {
            throw StatusException.unauthorized();
        }
    }

    /** The public key as other parties verify tokens with it: a JSON web key set. */
    public Map<String, Object> keys() {
        return new JWKSet(new RSAKey.Builder(key().publicKey())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(JWSAlgorithm.RS256)
                        .keyID(key().id())
                        .build())
                .toJSONObject(true);
    }
}
