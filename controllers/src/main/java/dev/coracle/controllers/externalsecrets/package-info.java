/**
 * Secrets that are kept elsewhere, fetched and kept up to date: the kinds {@code ExternalSecret}, {@code SecretStore} and
 * {@code ClusterSecretStore} of {@code external-secrets/external-secrets}, for AWS Secrets Manager and Vault. Off unless
 * {@code coracle up --with external-secrets} asks for it.
 *
 * <p>The way of a value:
 *
 * <pre>
 * ExternalSecret ─► Stores opens a Provider (AwsSecrets, Vault), which asks through Outbound
 *                     └► Fetch collects what spec.data and spec.dataFrom name, all or nothing
 *                          └► TargetSecret puts it into the Secret, by Template where there is one
 * </pre>
 *
 * {@code ExternalSecretController} does that when {@code Refresh} says that it is time, {@code StoreController} asks from
 * time to time whether a store answers. What goes wrong is told in conditions and events, from which everything secret is
 * kept away: a {@code ProviderException} has words of its own, and {@code Telling} looks after those of others.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.externalsecrets;
