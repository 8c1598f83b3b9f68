package dev.coracle.apiserver.registry;

import dev.coracle.client.Client;

/** A watch that can be asked to tell how far it has come; whether its client wants that is for the asker to know. */
public interface BookmarkedWatch extends Client.Watch {
    /** @param initialEventsEnd whether this ends what there was at the beginning (KEP-3157) */
    void bookmark(boolean initialEventsEnd);
}
