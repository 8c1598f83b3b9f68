package dev.coracle.client;

import java.util.List;
import java.util.Map;

/**
 * What a server serves, as far as it is known.
 *
 * @param failed groups and versions, {@code metrics.k8s.io/v1beta1}, whose kinds could not be asked for, and why: the
 *     extension server that answers for them is away
 */
public record Discovered(List<ApiResource> resources, Map<String, String> failed) {}
