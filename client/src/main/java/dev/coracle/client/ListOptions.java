package dev.coracle.client;

/**
 * Options of list and watch; {@code ""} and 0 stand for absent.
 *
 * @param resourceVersion for a list, at least this version ({@code ""}: the newest); for a watch, changes after it
 *     ({@code ""} and {@code "0"}: first everything there is, as ADDED events)
 * @param bookmarks whether a watch sends BOOKMARK events
 * @param resourceVersionMatch of a list, {@code NotOlderThan} or {@code Exact}
 */
public record ListOptions(
        String labelSelector,
        String fieldSelector,
        String resourceVersion,
        int limit,
        String continueToken,
        boolean bookmarks,
        String resourceVersionMatch) {
    public static final ListOptions ALL = new ListOptions("", "", "", 0, "", false);

    public ListOptions(
            String labelSelector,
            String fieldSelector,
            String resourceVersion,
            int limit,
            String continueToken,
            boolean bookmarks) {
        this(labelSelector, fieldSelector, resourceVersion, limit, continueToken, bookmarks, "");
    }

    public static ListOptions labels(String selector) {
        return new ListOptions(selector, "", "", 0, "", false);
    }

    public static ListOptions fields(String selector) {
        return new ListOptions("", selector, "", 0, "", false);
    }

    public ListOptions from(String version) {
        return new ListOptions(labelSelector, fieldSelector, version, limit, continueToken, true);
    }

    public ListOptions page(int pageLimit, String token) {
        return new ListOptions(
                labelSelector, fieldSelector, resourceVersion, pageLimit, token, bookmarks, resourceVersionMatch);
    }
}
