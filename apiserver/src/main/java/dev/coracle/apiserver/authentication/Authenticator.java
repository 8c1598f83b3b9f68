package dev.coracle.apiserver.authentication;

import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.machinery.object.StatusException;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who sent a request: the subject of its client certificate, or else the account of its bearer token, or else nobody
 * known. A token that is not good is an error, never nobody: its sender believes to be somebody. Whoever may act as
 * somebody else can then say as whom ({@code Impersonate-User}…).
 */
public final class Authenticator {
    private static final String PROTOCOL = "base64url.bearer.authorization.k8s.io.";
    private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

    private final ClientCertificates certificates;
    private final ServiceAccountTokens tokens;
    private final RbacAuthorizer authorizer;

    public Authenticator(ClientCertificates certificates, ServiceAccountTokens tokens, RbacAuthorizer authorizer) {
        this.certificates = certificates;
        this.tokens = tokens;
        this.authorizer = authorizer;
    }

    /**
     * @param chain what the client showed of itself in TLS, its own certificate first; may be empty
     * @throws StatusException 401 for a bad certificate or token, 403 for one who may not impersonate
     */
    public UserInfo authenticate(List<X509Certificate> chain, HttpHeaders headers) {
        Optional<UserInfo> shown =
                chain.isEmpty() || !certificates.trusted(chain) ? Optional.empty() : subject(chain.getFirst());
        UserInfo user = shown.or(() ->
                        bearer(headers).map(t -> tokens.verify(t, List.of()).user()))
                .orElseGet(() -> {
                    if (!chain.isEmpty()) {
                        // Its sender believes to be somebody.
                        throw StatusException.unauthorized();
                    }
                    return UserInfo.ANONYMOUS;
                });
        return impersonated(user, headers);
    }

    /** CN is the user, O are the groups. */
    private static Optional<UserInfo> subject(X509Certificate certificate) {
        try {
            Set<String> groups = new LinkedHashSet<>();
            String name = "";
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    name = String.valueOf(rdn.getValue());
                } else if (rdn.getType().equalsIgnoreCase("O")) {
                    groups.add(String.valueOf(rdn.getValue()));
                }
            }
            groups.add(UserInfo.AUTHENTICATED);
            byte[] print = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new UserInfo(
                            name,
                            "",
                            groups,
                            Map.of(
                                    CREDENTIAL,
                                    List.of("X509SHA256=" + HexFormat.of().formatHex(print)))));
        } catch (InvalidNameException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> bearer(HttpHeaders headers) {
        String authorization = headers.get("Authorization", "").trim();
        if (authorization.regionMatches(true, 0, "bearer ", 0, 7)) {
            return Optional.of(authorization.substring(7).trim()).filter(t -> !t.isEmpty());
        }
        for (String list : headers.getAll("Sec-WebSocket-Protocol")) {
            for (String protocol : list.split(",")) {
                if (protocol.trim().startsWith(PROTOCOL)) {
                    try {
                        byte[] token =
                                Base64.getUrlDecoder().decode(protocol.trim().substring(PROTOCOL.length()));
                        return Optional.of(new String(token, StandardCharsets.UTF_8));
                    } catch (IllegalArgumentException e) {
                        throw StatusException.unauthorized();
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Each character of a header is one byte of the wire; clients mean UTF-8, as upstream reads it. */
    private static String text(String header) {
        return new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** As a part of a path, where {@code +} means itself; what is no escape is left as it is, as upstream does. */
    private static String unescaped(String key) {
        try {
            return java.net.URLDecoder.decode(text(key).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text(key);
        }
    }

    private UserInfo impersonated(UserInfo user, HttpHeaders headers) {
        String name = text(headers.get("Impersonate-User", ""));
        List<String> groups = headers.getAll("Impersonate-Group").stream()
                .map(Authenticator::text)
                .toList();
        Map<String, List<String>> extra = new LinkedHashMap<>();
        for (Map.Entry<String, String> h : headers) {
            String key = h.getKey().toLowerCase(Locale.ROOT);
            if (key.startsWith("impersonate-extra-")) {
                String decoded = unescaped(key.substring("impersonate-extra-".length()));
                extra.computeIfAbsent(decoded, k -> new ArrayList<>()).add(text(h.getValue()));
            }
        }
        String uid = text(headers.get("Impersonate-Uid", ""));
        if (name.isEmpty()) {
            if (!groups.isEmpty() || !extra.isEmpty() || !uid.isEmpty()) {
                throw StatusException.internal("requested " + groups + " without impersonating a user");
            }
            return user;
        }
        boolean account = name.startsWith("system:serviceaccount:") && name.split(":").length == 4;
        Set<String> all = new LinkedHashSet<>(groups);
        if (account) {
            String[] parts = name.split(":");
            may(user, "", "serviceaccounts", "", parts[2], parts[3]);
            if (groups.isEmpty()) {
                all.addAll(ServiceAccountTokens.groups(parts[2]));
            }
        } else {
            may(user, "", "users", "", "", name);
        }
        groups.forEach(g -> may(user, "", "groups", "", "", g));
        extra.forEach(
                (key, values) -> values.forEach(v -> may(user, "authentication.k8s.io", "userextras", key, "", v)));
        if (!uid.isEmpty()) {
            may(user, "authentication.k8s.io", "uids", "", "", uid);
        }
        if (!name.equals(UserInfo.ANONYMOUS.name())) {
            if (!all.containsAll(UserInfo.ANONYMOUS.groups())) {
                all.add(UserInfo.AUTHENTICATED);
            }
        } else {
            all.addAll(UserInfo.ANONYMOUS.groups());
        }
        return new UserInfo(name, uid, all, extra);
    }

    private void may(UserInfo user, String group, String resource, String subresource, String ns, String name) {
        authorizer.require(user, new Attributes("impersonate", group, resource, subresource, ns, name, ""));
    }
}
