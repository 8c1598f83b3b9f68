package dev.coracle.apiserver.http;

import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.object.StatusException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The events that a watching client has not been sent yet. Whoever adds one never waits: a client that lets too many pile
 * up is cut off instead, and resumes or lists anew. The events are shared by all watchers.
 */
final class Backlog implements Client.WatchListener {
    /** How many are taken, and so sent, at a time. */
    private static final int BATCH = 100;

    private final int limit;
    private final Deque<WatchEvent> events = new ArrayDeque<>();
    private boolean begun;
    private boolean ended;

    Backlog(int limit) {
        this.limit = limit;
    }

    /** What there is at the beginning may be more than may pile up later. */
    synchronized void begun() {
        begun = true;
    }

    @Override
    public synchronized void onEvent(WatchEvent event) {
        if (begun && events.size() >= limit) {
            drop();
        }
        if (!ended) {
            events.add(event);
            notifyAll();
        }
    }

    @Override
    public void onClosed(StatusException cause) {
        finish();
    }

    /** What waits is still told, and nothing after it. */
    synchronized void finish() {
        ended = true;
        notifyAll();
    }

    /** Nothing more is told. */
    synchronized void drop() {
        events.clear();
        finish();
    }

    /** The next ones, as soon as there are some; empty at the end. */
    synchronized List<WatchEvent> take() throws InterruptedException {
        while (events.isEmpty() && !ended) {
            wait();
        }
        List<WatchEvent> some = new ArrayList<>();
        while (some.size() < BATCH && !events.isEmpty()) {
            some.add(events.remove());
        }
        return some;
    }
}
