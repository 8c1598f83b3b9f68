/**
 * The client contract over HTTPS. {@link dev.coracle.client.https.Kubeconfig} says where a cluster is and who asks;
 * {@link dev.coracle.client.https.HttpsClient} speaks to it, on the JDK's HTTP client: watches are streams of JSON
 * lines, and each runs on a virtual thread of its own.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.client.https;
