package dev.coracle.apiserver.proxy;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.util.Optional;

/** Why a server's certificate is not believed, in Go's words. */
final class Untrusted {
    private static final String FAILED = "tls: failed to verify certificate: x509: certificate ";

    private Untrusted() {}

    /** Empty when something else is wrong. */
    static Optional<String> why(Throwable cause, Destination to) {
        String host = to.api().map(Destination.Api::serverName).orElse(to.host());
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof CertPathValidatorException e && e.getReason() == BasicReason.EXPIRED) {
                return Optional.of(FAILED + "has expired or is not yet valid");
            }
            if (t instanceof CertPathValidatorException || t instanceof CertPathBuilderException) {
                return Optional.of(FAILED + "signed by unknown authority");
            }
            // Of a path that is no path its cause says more.
            if (t instanceof CertificateException e && e.getCause() == null) {
                return Optional.of(FAILED + "is not valid for " + host + ": " + e.getMessage());
            }
        }
        return Optional.empty();
    }
}
