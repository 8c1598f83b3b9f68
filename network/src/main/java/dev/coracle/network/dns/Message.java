package dev.coracle.network.dns;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The DNS wire format (RFC 1035) as far as a server needs it: reads questions, writes answers. */
final class Message {
    static final int A = 1;
    static final int CNAME = 5;
    static final int SOA = 6;
    static final int PTR = 12;
    static final int TXT = 16;
    static final int AAAA = 28;
    static final int SRV = 33;
    static final int OPT = 41;
    static final int ANY = 255;

    static final int NO_ERROR = 0;
    static final int FORMAT_ERROR = 1;
    static final int SERVER_FAILURE = 2;
    static final int NAME_ERROR = 3;
    static final int NOT_IMPLEMENTED = 4;
    static final int REFUSED = 5;

    private static final int HEADER = 12;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int LONGEST_LABEL = 63;

    /** Names that point to one another for longer are a circle. */
    private static final int MOST_POINTERS = 128;

    private Message() {}

    /**
     * @param name lower case, without the last dot
     * @param asked the question section as it came, for the answer to repeat, capitals included
     * @param size how many bytes an answer over UDP may have
     * @param extended whether the query had an OPT record, so that the answer needs one (RFC 6891)
     */
    record Query(int id, int flags, String name, int type, byte[] asked, int size, boolean extended) {
        int opcode() {
            return (flags >> 11) & 15;
        }
    }

    /** A resource record with its data in wire format. */
    record Record(String name, int type, int ttl, byte[] data) {}

    /** @param foreign what the last of the answers is another name of, where that must be asked of others; else {@code ""} */
    record Answer(
            int code,
            boolean authoritative,
            List<Record> answers,
            List<Record> authority,
            List<Record> extra,
            String foreign) {
        Answer(int code, boolean authoritative, List<Record> answers, List<Record> authority, List<Record> extra) {
            this(code, authoritative, answers, authority, extra, "");
        }

        static Answer failure(int code) {
            return new Answer(code, false, List.of(), List.of(), List.of());
        }
    }

    /** @throws IllegalArgumentException for anything that is not one well-formed question */
    static Query query(byte[] packet, int length) {
        try {
            ByteBuffer b = ByteBuffer.wrap(packet, 0, length);
            int id = b.getShort() & 0xffff;
            int flags = b.getShort() & 0xffff;
            int questions = b.getShort() & 0xffff;
            int others = (b.getShort() & 0xffff) + (b.getShort() & 0xffff);
            int additional = b.getShort() & 0xffff;
            if ((flags & 0x8000) != 0 || questions != 1) {
                throw new IllegalArgumentException("not one question");
            }
            StringBuilder name = new StringBuilder();
            for (int n = b.get() & 0xff; n != 0; n = b.get() & 0xff) {
                if (n > LONGEST_LABEL) {
                    throw new IllegalArgumentException("label of " + n);
                }
                byte[] label = new byte[n];
                b.get(label);
                name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.ISO_8859_1));
            }
            int type = b.getShort() & 0xffff;
            b.getShort();
            byte[] asked = new byte[b.position() - 12];
            System.arraycopy(packet, 12, asked, 0, asked.length);
            boolean extended =
                    others == 0 && additional > 0 && b.remaining() >= 11 && b.get() == 0 && b.getShort() == OPT;
            int size = extended ? Math.max(512, b.getShort() & 0xffff) : 512;
            return new Query(id, flags, name.toString().toLowerCase(Locale.ROOT), type, asked, size, extended);
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("cut short", e);
        }
    }

    /** A question of our own. */
    static Query about(String name, int type) {
        var asked = new ByteArrayOutputStream();
        asked.writeBytes(name(name));
        word(asked, type);
        word(asked, 1);
        return new Query(0, RECURSION_DESIRED, name, type, asked.toByteArray(), 512, false);
    }

    /** @param query one of {@link #about} */
    static byte[] packet(Query query) {
        var out = new ByteArrayOutputStream();
        for (int word : new int[] {query.id(), query.flags(), 1, 0, 0, 0}) {
            word(out, word);
        }
        out.writeBytes(query.asked());
        return out.toByteArray();
    }

    /** To what is no well-formed query; empty for what is none at all, such as an answer: two servers would talk for ever. */
    static byte[] formatError(byte[] packet) {
        if (packet.length < HEADER || packet[2] < 0) {
            return new byte[0];
        }
        byte[] error = new byte[HEADER];
        error[0] = packet[0];
        error[1] = packet[1];
        // The kind of query and whether recursion is desired, as it was.
        error[2] = (byte) (0x80 | packet[2] & 0x79);
        error[3] = FORMAT_ERROR;
        return error;
    }

    /**
     * @param limit most bytes; of an answer that is larger goes what is not asked for, and then, with the TC bit, of what is as much
     *     as must
     */
    static byte[] bytes(Query query, Answer answer, int limit) {
        byte[] full = write(query, answer, false);
        if (full.length <= limit) {
            return full;
        }
        List<Record> kept = new ArrayList<>();
        int size = HEADER + query.asked().length + (query.extended() ? 11 : 0);
        for (Record r : answer.answers()) {
            size += (r.name().equals(query.name()) ? 2 : name(r.name()).length) + 10 + r.data().length;
            if (size > limit) {
                break;
            }
            kept.add(r);
        }
        boolean truncated = kept.size() < answer.answers().size();
        return write(query, new Answer(answer.code(), answer.authoritative(), kept, List.of(), List.of()), truncated);
    }

    private static byte[] write(Query query, Answer answer, boolean truncated) {
        var out = new ByteArrayOutputStream(256);
        int recursion = query.flags() & RECURSION_DESIRED;
        int flags = 0x8080
                | recursion
                | query.flags() & 0x7800
                | (answer.authoritative() ? 0x0400 : 0)
                | (truncated ? 0x0200 : 0)
                | answer.code();
        for (int word : new int[] {
            query.id(),
            flags,
            1,
            answer.answers().size(),
            answer.authority().size(),
            answer.extra().size() + (query.extended() ? 1 : 0)
        }) {
            word(out, word);
        }
        out.writeBytes(query.asked());
        for (List<Record> section : List.of(answer.answers(), answer.authority(), answer.extra())) {
            for (Record r : section) {
                if (r.name().equals(query.name())) {
                    word(out, 0xc00c);
                } else {
                    out.writeBytes(name(r.name()));
                }
                word(out, r.type());
                word(out, 1);
                word(out, r.ttl() >>> 16);
                word(out, r.ttl() & 0xffff);
                word(out, r.data().length);
                out.writeBytes(r.data());
            }
        }
        if (query.extended()) {
            out.write(0);
            word(out, OPT);
            word(out, 1232);
            word(out, 0);
            word(out, 0);
            word(out, 0);
        }
        return out.toByteArray();
    }

    private static void word(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    /** @throws IllegalArgumentException when a label of it is too long for DNS, as those of external names may be */
    static byte[] name(String name) {
        var out = new ByteArrayOutputStream();
        for (String label : name.isEmpty() ? List.<String>of() : List.of(name.split("\\."))) {
            byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
            if (bytes.length > LONGEST_LABEL) {
                throw new IllegalArgumentException("label of " + bytes.length + " bytes in " + name);
            }
            out.write(bytes.length);
            out.writeBytes(bytes);
        }
        out.write(0);
        return out.toByteArray();
    }

    static byte[] ipv4(String ip) {
        var out = new ByteArrayOutputStream(4);
        for (String part : ip.split("\\.")) {
            out.write(Integer.parseInt(part));
        }
        return out.toByteArray();
    }

    static byte[] srv(int priority, int weight, int port, String target) {
        var out = new ByteArrayOutputStream();
        word(out, priority);
        word(out, weight);
        word(out, port);
        out.writeBytes(name(target));
        return out.toByteArray();
    }

    static byte[] soa(String server, String contact, List<Integer> numbers) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(name(server));
        out.writeBytes(name(contact));
        for (int n : numbers) {
            word(out, n >>> 16);
            word(out, n & 0xffff);
        }
        return out.toByteArray();
    }

    /** The smallest TTL of an upstream's answer and authority sections, in seconds; 0 when it cannot be told. */
    static int smallestTtl(byte[] response) {
        try {
            ByteBuffer b = ByteBuffer.wrap(response);
            b.position(4);
            int questions = b.getShort();
            int records = (b.getShort() & 0xffff) + (b.getShort() & 0xffff);
            b.getShort();
            for (int i = 0; i < questions; i++) {
                skipName(b);
                b.position(b.position() + 4);
            }
            List<Integer> ttls = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                skipName(b);
                b.position(b.position() + 4);
                ttls.add(b.getInt());
                int length = b.getShort() & 0xffff;
                b.position(b.position() + length);
            }
            return ttls.stream().mapToInt(t -> Math.max(0, t)).min().orElse(0);
        } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
            return 0;
        }
    }

    /**
     * Addresses, texts and other names among an upstream's answers, with whole names where it shortened them.
     *
     * @throws IllegalArgumentException when it cannot be read
     */
    static List<Record> answers(byte[] response) {
        try {
            ByteBuffer b = ByteBuffer.wrap(response);
            b.position(4);
            int questions = b.getShort() & 0xffff;
            int answers = b.getShort() & 0xffff;
            b.position(HEADER);
            for (int i = 0; i < questions; i++) {
                skipName(b);
                b.position(b.position() + 4);
            }
            List<Record> records = new ArrayList<>();
            for (int i = 0; i < answers; i++) {
                String name = readName(b.duplicate());
                skipName(b);
                int type = b.getShort() & 0xffff;
                b.getShort();
                int ttl = b.getInt();
                byte[] data = new byte[b.getShort() & 0xffff];
                ByteBuffer there = b.duplicate();
                b.get(data);
                switch (type) {
                    case CNAME -> records.add(new Record(name, type, ttl, name(readName(there))));
                    case A, AAAA, TXT -> records.add(new Record(name, type, ttl, data));
                    default -> {
                        // Signatures, such as nobody asked for.
                    }
                }
            }
            return records;
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("cut short", e);
        }
    }

    private static String readName(ByteBuffer b) {
        StringBuilder name = new StringBuilder();
        int pointers = 0;
        for (int n = b.get() & 0xff; n != 0; n = b.get() & 0xff) {
            if (n >= 0xc0) {
                b.position((n & LONGEST_LABEL) << Byte.SIZE | b.get() & 0xff);
                if (++pointers > MOST_POINTERS) {
                    throw new IllegalArgumentException("a name that points to itself");
                }
            } else {
                byte[] label = new byte[n];
                b.get(label);
                name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.ISO_8859_1));
            }
        }
        return name.toString();
    }

    private static void skipName(ByteBuffer b) {
        int n = b.get() & 0xff;
        while (n != 0 && n < 0xc0) {
            b.position(b.position() + n);
            n = b.get() & 0xff;
        }
        if (n >= 0xc0) {
            b.get();
        }
    }
}
