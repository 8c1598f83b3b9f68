package dev.coracle.client;

import dev.coracle.machinery.object.Revision;
import java.util.List;

/**
 * @param resourceVersion where a watch goes on from
 * @param continueToken {@code ""} when this is the last page
 * @param remaining how many more there are behind this page; 0 where that is not known, as behind a selector
 */
public record RevisionList(List<Revision> items, String resourceVersion, String continueToken, long remaining) {}
