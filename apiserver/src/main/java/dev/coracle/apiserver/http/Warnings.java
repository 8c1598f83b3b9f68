package dev.coracle.apiserver.http;

import dev.coracle.apiserver.proxy.Destination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What a client is to be warned of while its request is worked on, for the header of the answer. */
final class Warnings implements Consumer<String> {
    /** A header that is longer than this many clients would not take; then each warning is cut short. */
    private static final int TOTAL = 4096;

    private static final int CUT = 256;

    private final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void accept(String warning) {
        // A write that another one came between is judged again.
        if (!told.contains(warning)) {
            told.add(warning);
        }
    }

    /** {@code answer}, with the warnings there are by the time it is sent. */
    Answer with(Answer answer) {
        return new Answer() {
            @Override
            public void send(int code, String contentType, byte[] body, Map<String, String> headers) {
                if (told.isEmpty()) {
                    answer.send(code, contentType, body, headers);
                    return;
                }
                Map<String, String> more = new LinkedHashMap<>(headers);
                more.merge("warning", FieldGate.header(bounded()), (a, b) -> a + ", " + b);
                answer.send(code, contentType, body, more);
            }

            @Override
            public void begun() {
                answer.begun();
            }

            @Override
            public Stream stream(int code, String contentType) {
                return answer.stream(code, contentType);
            }

            @Override
            public void relay(Destination to) {
                answer.relay(to);
            }
        };
    }

    private List<String> bounded() {
        if (told.stream().mapToInt(String::length).sum() <= TOTAL) {
            return told;
        }
        List<String> cut = new ArrayList<>();
        int total = 0;
        for (String w : told) {
            String start = w.substring(0, Math.min(CUT, w.length()));
            total += start.length();
            if (total > TOTAL) {
                break;
            }
            cut.add(start);
        }
        return cut;
    }
}
