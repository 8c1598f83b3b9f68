package dev.coracle.bench.load;

import dev.coracle.machinery.env.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Many lanes for a while: each sends its next request when the last is answered. */
final class Lanes {
    /** What a lane is to ask next. */
    interface Calls {
        /** @return null: there is nothing left to ask */
        @Nullable
        Call next(int lane);
    }

    private final Wire wire;
    private final Clock clock;

    Lanes(Wire wire, Clock clock) {
        this.wire = wire;
        this.clock = clock;
    }

    /** Returns when every lane has its last answer. */
    Measurement run(Calls calls, int concurrency, Duration duration) throws InterruptedException {
        List<Lane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < concurrency; i++) {
                Lane lane = new Lane(wire);
                lane.open();
                lanes.add(lane);
            }
            var ended = new CountDownLatch(concurrency);
            List<Measurement> measured = new ArrayList<>();
            long began = clock.nanos();
            for (int i = 0; i < concurrency; i++) {
                var loop = new Loop(lanes.get(i), i, calls, began + duration.toNanos(), ended);
                measured.add(loop.measured);
                lanes.get(i).execute(loop::next);
            }
            ended.await();
            Measurement all = new Measurement();
            measured.forEach(all::add);
            all.lasted(clock.elapsed(began));
            return all;
        } finally {
            lanes.forEach(Lane::close);
        }
    }

    private final class Loop {
        private final Lane lane;
        private final int number;
        private final Calls calls;
        private final long deadline;
        private final CountDownLatch ended;
        private final Measurement measured = new Measurement();
        private long sent;

        Loop(Lane lane, int number, Calls calls, long deadline, CountDownLatch ended) {
            this.lane = lane;
            this.number = number;
            this.calls = calls;
            this.deadline = deadline;
            this.ended = ended;
        }

        void next() {
            Call call = clock.nanos() - deadline < 0 ? calls.next(number) : null;
            if (call == null) {
                ended.countDown();
                return;
            }
            sent = clock.nanos();
            lane.send(call, this::answered);
        }

        private void answered(int status) {
            if (status >= 200 && status < 300) {
                measured.took(clock.nanos() - sent);
            } else {
                measured.failed(status == Lane.BROKEN ? "broken connection" : "" + status);
            }
            next();
        }
    }
}
