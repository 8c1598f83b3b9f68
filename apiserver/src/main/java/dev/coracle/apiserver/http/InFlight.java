package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.concurrent.Semaphore;

/**
 * Bounds the requests that are handled at a time, reading and writing ones apart, so that neither can crowd out the other.
 * Those that stream are not counted, and {@code system:masters} always gets an answer, as upstream.
 */
final class InFlight {
    private final Semaphore reading;
    private final Semaphore mutating;

    InFlight(Limits limits) {
        this.reading = new Semaphore(limits.reading());
        this.mutating = new Semaphore(limits.mutating());
    }

    /** @throws StatusException 429 when there are too many */
    void run(RequestInfo info, UserInfo user, Runnable request) {
        Semaphore permits = info.isMutating() ? mutating : reading;
        if (info.isLongRunning()) {
            request.run();
        } else if (permits.tryAcquire()) {
            try {
                request.run();
            } finally {
                permits.release();
            }
        } else if (user.groups().contains(UserInfo.MASTERS)) {
            request.run();
        } else {
            throw new StatusException(
                    429,
                    "TooManyRequests",
                    "Too many requests, please try again later.",
                    new Unstructured(new LinkedHashMap<>()).set(1, "retryAfterSeconds"));
        }
    }
}
