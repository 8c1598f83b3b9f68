/**
 * Tokens with which machines join that know nothing of the cluster yet ({@code BootstrapToken}). The signer lets them trust
 * what {@code kube-public/cluster-info} says: only who knows a token could have signed it so. The cleaner takes tokens away
 * whose time is up. Upstream's manager runs both only when told to, as {@code kubeadm} tells it; here they run.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.bootstrap;
