/**
 * Secrets that may lie in a repository: values that only this cluster can open, in the format of
 * {@code bitnami-labs/sealed-secrets}, so that {@code kubeseal} and what it sealed work as they are. Off unless {@code
 * coracle up --with sealed-secrets} asks for it.
 *
 * <p>The way of a value, of the Secret {@code db} in the namespace {@code shop}:
 *
 * <pre>
 * hunter2 ──AES-256-GCM, a key of its own──► ciphertext ─┐
 *               └──RSA-OAEP for the cluster's newest certificate, with the label "shop/db"──► beside it
 * </pre>
 *
 * {@link dev.coracle.controllers.sealedsecrets.SealedValue} is that; the label, which is not written down anywhere, is what
 * binds a value to its place ({@link dev.coracle.controllers.sealedsecrets.Scope}). {@code SealedSecrets} does it to whole
 * objects. {@code KeyController} makes a new pair of keys every 30 days and keeps the old ones ({@code KeyRing}), {@code
 * SealedSecretController} makes the Secrets, {@code CertificateController} serves the certificate behind a Service.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.sealedsecrets;
