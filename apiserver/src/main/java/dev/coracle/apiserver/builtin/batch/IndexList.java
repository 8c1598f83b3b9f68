package dev.coracle.apiserver.builtin.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * Indexes of a Job as its author and its controller write them: {@code 1,3-5,7}. Errors are worded as upstream words
 * them, quotation marks included.
 *
 * @param intervals in order; of one index, both ends are the same
 */
record IndexList(List<Interval> intervals) {
    /** From {@code first} to {@code last}, both included. */
    record Interval(long first, long last) {}

    /** Not a list of indexes of that Job. */
    static final class FormatException extends Exception {
        private static final long serialVersionUID = 1;

        FormatException(String why) {
            super(why);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    static IndexList parse(String text, long completions) throws FormatException {
        List<Interval> intervals = new ArrayList<>();
        if (!text.isEmpty()) {
            for (String fragment : text.split(",", -1)) {
                Interval next = interval(fragment, completions);
                if (!intervals.isEmpty() && intervals.getLast().last() >= next.first()) {
                    throw notIncreasing(intervals.getLast().last(), next.first());
                }
                intervals.add(next);
            }
        }
        return new IndexList(intervals);
    }

    private static Interval interval(String fragment, long completions) throws FormatException {
        String[] ends = fragment.split("-", -1);
        if (ends.length > 2) {
            throw new FormatException(
                    "the fragment \"" + fragment + "\" violates the requirement that an index interval"
                            + " can have at most two parts separated by '-'");
        }
        long first = index(ends[0], completions);
        if (ends.length == 1) {
            return new Interval(first, first);
        }
        long last = index(ends[1], completions);
        if (first >= last) {
            throw notIncreasing(first, last);
        }
        return new Interval(first, last);
    }

    private static long index(String text, long completions) throws FormatException {
        long index;
        try {
            index = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new FormatException("cannot convert string to integer for index: \"" + text + "\"");
        }
        if (index >= completions) {
            throw new FormatException("too large index: \"" + text + "\"");
        }
        return index;
    }

    private static FormatException notIncreasing(long before, long now) {
        return new FormatException("non-increasing order, previous: " + before + ", current: " + now);
    }

    long total() {
        return intervals.stream().mapToLong(i -> i.last() - i.first() + 1).sum();
    }

    /** The first index that both have, or -1. Each interval is looked at once: lists may be long. */
    long overlap(IndexList other) {
        int mine = 0;
        int theirs = 0;
        while (mine < intervals.size() && theirs < other.intervals.size()) {
            Interval a = intervals.get(mine);
            Interval b = other.intervals.get(theirs);
            if (a.first() <= b.last() && b.first() <= a.last()) {
                return Math.max(a.first(), b.first());
            }
            if (a.first() <= b.first()) {
                mine++;
            } else {
                theirs++;
            }
        }
        return -1;
    }
}
