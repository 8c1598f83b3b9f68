package dev.coracle.bench.load;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Environment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Many watches of the same objects while these are written at a steady rate: how long from the sending of a write to the
 * arrival of its event, at every watcher.
 */
final class Watching {
    private static final String MARK = "\"" + Server.SENT + "\":\"";
    private static final int LONGEST_LINE = 4 << 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Environment environment;
    private final int writesPerSecond;

    Watching(Environment environment, int writesPerSecond) {
        this.environment = environment;
        this.writesPerSecond = writesPerSecond;
    }

    Measurement run(Server server, int watchers, Duration duration) throws Exception {
        Lane writer = new Lane(server.wire());
        List<Reader> readers = new ArrayList<>();
        try {
            writer.open();
            Call watch = server.watch();
            for (int i = 0; i < watchers; i++) {
                Reader reader = new Reader(environment.clock());
                readers.add(reader);
                reader.open(server.wire(), watch);
            }
            Measurement all = new Measurement();
            long began = environment.clock().nanos();
            long written = write(server, writer, began, duration, all);
            awaitEvents(readers, written);
            all.lasted(environment.clock().elapsed(began));
            for (Reader r : readers) {
                r.close();
                all.add(r.measured);
                if (r.seen < written) {
                    all.failed("event not delivered", written - r.seen);
                }
            }
            return all;
        } finally {
            writer.close();
            for (Reader r : readers) {
                r.close();
            }
        }
    }

    /** A write each so many milliseconds; one that takes longer delays the next. How many were done. */
    private long write(Server server, Lane writer, long began, Duration duration, Measurement measured)
            throws InterruptedException, ExecutionException {
        Clock clock = environment.clock();
        long between = 1_000_000_000L / writesPerSecond;
        long written = 0;
        for (long due = 0; due < duration.toNanos(); due += between) {
            long early = due - (clock.nanos() - began);
            if (early > 0) {
                environment.sleep(Duration.ofNanos(early));
            }
            var answer = new CompletableFuture<Integer>();
            writer.execute(() -> writer.send(server.patch(server.next()), answer::complete));
            int status = answer.get();
            if (status == 200) {
                written++;
            } else {
                measured.failed("write: " + (status == Lane.BROKEN ? "broken connection" : "" + status));
            }
        }
        return written;
    }

    private void awaitEvents(List<Reader> readers, long written) throws InterruptedException {
        long began = environment.clock().nanos();
        while (readers.stream().anyMatch(r -> r.seen < written)
                && environment.clock().elapsed(began).compareTo(PATIENCE) < 0) {
            environment.sleep(BETWEEN_LOOKS);
        }
    }

    /** One watch. */
    private static final class Reader {
        private final Clock clock;
        private final Measurement measured = new Measurement();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        private final List<Channel> channels = new ArrayList<>();
        private volatile long seen;

        Reader(Clock clock) {
            this.clock = clock;
        }

        /** Returns when the server has begun to answer, and so will tell of every later change. */
        void open(Wire wire, Call watch) throws Exception {
            Channel c = wire.connect(new Body(), new LineBasedFrameDecoder(LONGEST_LINE), new Lines())
                    .sync()
                    .channel();
            channels.add(c);
            wire.secured(c).sync();
            c.writeAndFlush(wire.request(watch, Unpooled.EMPTY_BUFFER)).sync();
            if (status.get() != 200) {
                throw new IllegalStateException("the server answered " + status.get() + " to a watch");
            }
        }

        void close() throws InterruptedException {
            for (Channel c : channels) {
                c.close().sync();
            }
        }

        private final class Body extends MessageToMessageDecoder<HttpObject> {
            @Override
            protected void decode(ChannelHandlerContext ctx, HttpObject part, List<Object> out) {
                if (part instanceof HttpResponse head) {
                    status.complete(head.status().code());
                }
                if (part instanceof HttpContent content) {
                    out.add(content.content().retain());
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) throws Exception {
                status.complete(Lane.BROKEN);
                super.channelInactive(ctx);
            }
        }

        private final class Lines extends SimpleChannelInboundHandler<ByteBuf> {
            @Override
            @SuppressWarnings("NonAtomicOperationOnVolatileField") // One event loop writes it.
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
                long now = clock.nanos();
                String text = line.toString(StandardCharsets.US_ASCII);
                int mark = text.indexOf(MARK);
                if (mark >= 0) {
                    int from = mark + MARK.length();
                    measured.took(now - Long.parseLong(text, from, text.indexOf('"', from), 10));
                    seen++;
                }
            }
        }
    }
}
