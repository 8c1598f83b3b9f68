package dev.coracle.client;

import dev.coracle.machinery.object.GroupVersionResource;
import java.util.Set;

/**
 * A kind of objects that the server has, in the version that it prefers.
 *
 * @param verbs what can be done with it: {@code list}, {@code delete}…
 */
public record ApiResource(GroupVersionResource resource, String kind, boolean namespaced, Set<String> verbs) {}
