/**
 * StatefulSets: pods that keep their name, their claims and their place in a row. {@code Plan} decides what is to be done
 * of what is there, without a cluster; {@code Identity} and {@code Storage} say what a pod is called and where its data
 * are; {@code Retention} who owns its claims; {@code SetStatus} counts; {@code StatefulPods} does what was decided, and
 * {@code StatefulSetController} brings them together.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.statefulset;
