/**
 * What is stored is sealed, as {@code EncryptionConfiguration} of {@code apiserver.config.k8s.io/v1} says it, in the
 * format that upstream stores:
 *
 * <pre>
 * k8s:enc:secretbox:v1:KEYNAME:BYTES
 * </pre>
 *
 * <p>{@link dev.coracle.apiserver.encryption.Encryption} is the door: it has a {@link
 * dev.coracle.apiserver.encryption.Transformer} for each resource. {@code Providers} lists the ciphers, one class each;
 * {@code Prefixed} chooses among several by what stands before the bytes. Objects in memory are plain; the registry seals
 * and opens on the way to and from the store.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.encryption;
