package dev.coracle.apiserver;

import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.machinery.env.Environment;
import dev.coracle.store.Store;
import java.util.function.Supplier;

/**
 * What an API server is made of.
 *
 * @param bindAddress and {@code port}: where it listens; port 0 takes a free one
 * @param certificate its serving certificate and {@code key} (PKCS #8), PEM
 * @param clientCa signs the client certificates it believes, PEM
 * @param kubeletCertificate and {@code kubeletKey}: with what it calls kubelets, PEM
 * @param serviceCidr a /16
 * @param serviceAccountKey signs the tokens of ServiceAccounts: RSA in PKCS #8, PEM, asked for when first needed;
 *     {@code ""} for a key of this process alone, whose tokens end with it
 * @param frontProxy as whom it asks the servers behind APIServices
 * @param encryption what of it is sealed in the store, and how
 */
public record ApiServerConfig(
        Store store,
        Environment environment,
        String bindAddress,
        int port,
        String certificate,
        String key,
        String clientCa,
        String kubeletCertificate,
        String kubeletKey,
        String serviceCidr,
        Supplier<String> serviceAccountKey,
        FrontProxy frontProxy,
        EncryptionConfiguration encryption) {

    /** With a store that has everything as it is. */
    public ApiServerConfig(
            Store store,
            Environment environment,
            String bindAddress,
            int port,
            String certificate,
            String key,
            String clientCa,
            String kubeletCertificate,
            String kubeletKey,
            String serviceCidr,
            Supplier<String> serviceAccountKey,
            FrontProxy frontProxy) {
        this(
                store,
                environment,
                bindAddress,
                port,
                certificate,
                key,
                clientCa,
                kubeletCertificate,
                kubeletKey,
                serviceCidr,
                serviceAccountKey,
                frontProxy,
                EncryptionConfiguration.NONE);
    }

    /** With a service-account key of this process alone. */
    public ApiServerConfig(
            Store store,
            Environment environment,
            String bindAddress,
            int port,
            String certificate,
            String key,
            String clientCa,
            String kubeletCertificate,
            String kubeletKey,
            String serviceCidr) {
        this(
                store,
                environment,
                bindAddress,
                port,
                certificate,
                key,
                clientCa,
                kubeletCertificate,
                kubeletKey,
                serviceCidr,
                () -> "",
                FrontProxy.NONE);
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "ApiServerConfig[" + bindAddress + ":" + port + "]";
    }
}
