package dev.coracle.apiserver.flowcontrol;

import dev.coracle.machinery.object.Unstructured;

/**
 * A PriorityLevelConfiguration, read.
 *
 * @param shares of the server's seats, to those of all levels
 * @param lendable how many in a hundred of its seats others may have while it does not need them
 * @param borrowing how many in a hundred of its own it may have of others'; -1 for any number
 * @param queues 0 where nobody waits
 */
record PriorityLevel(
        String name,
        String uid,
        boolean exempt,
        long shares,
        long lendable,
        long borrowing,
        int queues,
        int handSize,
        int queueLength) {
    private static final long SHARES = 30;
    private static final int QUEUES = 64;
    private static final int HAND = 8;
    private static final int LENGTH = 50;

    static PriorityLevel of(Unstructured level) {
        boolean exempt = level.string("spec", "type").equals("Exempt");
        String kind = exempt ? "exempt" : "limited";
        boolean waits = !exempt
                && level.string("spec", "limited", "limitResponse", "type").equals("Queue");
        return new PriorityLevel(
                level.name(),
                level.uid(),
                exempt,
                level.integer(exempt ? 0 : SHARES, "spec", kind, "nominalConcurrencyShares"),
                level.integer(0, "spec", kind, "lendablePercent"),
                level.integer(-1, "spec", kind, "borrowingLimitPercent"),
                waits ? number(level, QUEUES, "queues") : 0,
                waits ? number(level, HAND, "handSize") : 0,
                waits ? number(level, LENGTH, "queueLengthLimit") : 0);
    }

    private static int number(Unstructured level, int absent, String field) {
        return (int) level.integer(absent, "spec", "limited", "limitResponse", "queuing", field);
    }
}
