package dev.coracle.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Sets of indexes as text. */
class IndexesTest {
    @Test
    void textSaysRangesAndPairs() {
        assertThat(Indexes.of(List.of(7, 1, 3, 4, 5, 9, 10))).hasToString("1,3-5,7,9,10");
        assertThat(Indexes.parse("1,3-5,7,9,10", 100)).isEqualTo(Indexes.of(List.of(1, 3, 4, 5, 7, 9, 10)));
        assertThat(Indexes.NONE).hasToString("");
        assertThat(Indexes.parse("", 10)).isEqualTo(Indexes.NONE);
    }

    @Test
    void whatIsNoIndexOfTheJobIsPassedOver() {
        assertThat(Indexes.parse("1,x,3-y,4-,5-90,-2", 8)).hasToString("1,5-7");
        assertThat(Indexes.parse("8,9", 8)).isEqualTo(Indexes.NONE);
    }

    /** Against plain sets. */
    @Test
    void allElseIsAsWithSets() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            TreeSet<Integer> a = draw(random);
            TreeSet<Integer> b = draw(random);
            TreeSet<Integer> union = new TreeSet<>(a);
            union.addAll(b);
            TreeSet<Integer> both = new TreeSet<>(a);
            both.retainAll(b);
            Indexes indexes = Indexes.of(a);
            assertThat(indexes.with(Indexes.of(b))).isEqualTo(Indexes.of(union));
            assertThat(indexes.common(Indexes.of(b))).isEqualTo(both.size());
            assertThat(indexes.total()).isEqualTo(a.size());
            assertThat(Indexes.parse(indexes.toString(), 40)).isEqualTo(indexes);
            List<Integer> missing = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                assertThat(indexes.has(i)).isEqualTo(a.contains(i));
                if (!a.contains(i) && missing.size() < 5) {
                    missing.add(i);
                }
            }
            assertThat(indexes.missing(5, 40)).isEqualTo(missing);
        }
    }

    private static TreeSet<Integer> draw(Random random) {
        TreeSet<Integer> set = new TreeSet<>();
        for (int i = random.nextInt(30); i > 0; i--) {
            set.add(random.nextInt(40));
        }
        return set;
    }
}
