/** Keys and certificates of a cluster, as {@code kubeadm} lays them under {@code /etc/kubernetes/pki}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.cluster.pki;
