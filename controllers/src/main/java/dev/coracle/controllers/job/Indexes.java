package dev.coracle.controllers.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** A set of completion indexes, which may be many, as text such as {@code 1,3-5,7}; two neighbours are {@code 1,2}. */
record Indexes(List<Range> ranges) {
    static final Indexes NONE = new Indexes(List.of());

    /** Both ends included. */
    record Range(int first, int last) {}

    /** Those below {@code completions}; what is no number is passed over. */
    static Indexes parse(String text, long completions) {
        Indexes result = NONE;
        for (String part : text.split(",")) {
            String[] ends = part.split("-", 2);
            try {
                int first = Integer.parseInt(ends[0]);
                int last = (int) Math.min(Integer.parseInt(ends[ends.length - 1]), completions - 1);
                if (first >= 0 && first <= last) {
                    result = result.with(new Indexes(List.of(new Range(first, last))));
                }
            } catch (NumberFormatException e) {
                continue;
            }
        }
        return result;
    }

    static Indexes of(Collection<Integer> indexes) {
        List<Range> ranges = new ArrayList<>();
        for (int i : new TreeSet<>(indexes)) {
            append(ranges, new Range(i, i));
        }
        return new Indexes(ranges);
    }

    private static void append(List<Range> ranges, Range next) {
        Range last = ranges.isEmpty() ? null : ranges.getLast();
        if (last == null || next.first() > last.last() + 1) {
            ranges.add(next);
        } else {
            ranges.set(ranges.size() - 1, new Range(last.first(), Math.max(last.last(), next.last())));
        }
    }

    Indexes with(Indexes other) {
        List<Range> result = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < ranges.size() || j < other.ranges.size()) {
            boolean mine = j == other.ranges.size()
                    || i < ranges.size()
                            && ranges.get(i).first() < other.ranges.get(j).first();
            append(result, mine ? ranges.get(i++) : other.ranges.get(j++));
        }
        return new Indexes(result);
    }

    boolean has(int index) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).last() < index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < ranges.size() && ranges.get(low).first() <= index;
    }

    int total() {
        return ranges.stream().mapToInt(r -> r.last() - r.first() + 1).sum();
    }

    /** How many are in both. */
    int common(Indexes other) {
        int common = 0;
        int i = 0;
        int j = 0;
        while (i < ranges.size() && j < other.ranges.size()) {
            Range a = ranges.get(i);
            Range b = other.ranges.get(j);
            common += Math.max(0, Math.min(a.last(), b.last()) - Math.max(a.first(), b.first()) + 1);
            if (a.last() <= b.last()) {
                i++;
            } else {
                j++;
            }
        }
        return common;
    }

    /** The lowest that are missing below {@code completions}, at most {@code count}. */
    List<Integer> missing(long count, long completions) {
        List<Integer> missing = new ArrayList<>();
        int candidate = 0;
        for (Range r : ranges) {
            for (; candidate < r.first() && candidate < completions && missing.size() < count; candidate++) {
                missing.add(candidate);
            }
            candidate = Math.max(candidate, r.last() + 1);
        }
        for (; candidate < completions && missing.size() < count; candidate++) {
            missing.add(candidate);
        }
        return missing;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Range r : ranges) {
            text.append(text.isEmpty() ? "" : ",").append(r.first());
            if (r.last() > r.first()) {
                text.append(r.last() == r.first() + 1 ? ',' : '-').append(r.last());
            }
        }
        return text.toString();
    }
}
