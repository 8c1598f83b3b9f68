package dev.coracle.apiserver.registry;

import dev.coracle.store.Compare;
import dev.coracle.store.Op;
import java.util.List;
import java.util.Set;

/** What one write takes and gives back besides: it holds in the same transaction or not at all. */
interface Allocation {
    /** Of a kind to which nothing is allocated. */
    Allocation NONE = new Allocation() {
        @Override
        public List<Compare> compares() {
            return List.of();
        }

        @Override
        public List<Op> ops() {
            return List.of();
        }

        @Override
        public void again(Set<String> taken) {
            throw new IllegalStateException("nothing was allocated");
        }
    };

    List<Compare> compares();

    List<Op> ops();

    /**
     * Takes something else into the object.
     *
     * @param taken the keys that somebody else came to have first
     * @throws dev.coracle.machinery.object.StatusException when it was to be just that
     */
    void again(Set<String> taken);
}
