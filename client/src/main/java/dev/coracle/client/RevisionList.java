package dev.coracle.client;

import dev.coracle.machinery.object.Revision;
import java.util.List;

/**
 * @param resourceVersion where a watch goes on from
 * @param continueToken {@code ""} when this is the last page
 */
public record RevisionList(List<Revision> items, String resourceVersion, String continueToken) {}
