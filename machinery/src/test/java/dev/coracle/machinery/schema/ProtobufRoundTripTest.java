package dev.coracle.machinery.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.GroupVersionKind;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every built-in kind with every field, there and back, and as the classes see it that others made of the same messages. */
class ProtobufRoundTripTest {
    private static final Schemas SCHEMAS = Schemas.builtIn();
    private static final Map<String, Descriptor> OTHERS = new HashMap<>();

    private final ProtobufWriter writer = new ProtobufWriter(SCHEMAS);
    private final ProtobufReader reader = new ProtobufReader(SCHEMAS);

    @BeforeAll
    static void findTheClassesOfOthers() throws Exception {
        // They were made by an old compiler, and say so at length.
        System.setProperty("com.google.protobuf.use_unsafe_pre22_gencode", "true");
        Path jar = Path.of(
                V1.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (var files = new JarFile(jar.toFile())) {
            for (String file : files.stream().map(e -> e.getName()).toList()) {
                if (file.endsWith(".class") && !file.contains("$") && file.startsWith("io/kubernetes/client/proto/")) {
                    Class<?> outer =
                            Class.forName(file.replace('/', '.').substring(0, file.length() - ".class".length()));
                    ((FileDescriptor) outer.getMethod("getDescriptor").invoke(null))
                            .getMessageTypes()
                            .forEach(d -> OTHERS.put(d.getFullName(), d));
                }
            }
        }
    }

    static Stream<GroupVersionKind> kinds() {
        List<GroupVersionKind> all = new ArrayList<>();
        Resources.lines("index", words -> {
            int slash = words[0].indexOf('/');
            SCHEMAS.in(slash < 0 ? "" : words[0].substring(0, slash), words[0].substring(slash + 1)).stream()
                    // What refers to an object has its kind too.
                    .filter(s -> s.properties().containsKey("metadata"))
                    .flatMap(s -> s.groupVersionKind().stream())
                    .forEach(all::add);
        });
        assertThat(all).hasSizeGreaterThan(100);
        return all.stream();
    }

    private static Map<String, Object> full(GroupVersionKind kind, long seed) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", kind.apiVersion());
        object.put("kind", kind.kind());
        object.putAll(new FullObjects(new Random(seed)).object(SCHEMAS.of(kind).orElseThrow()));
        return object;
    }

    private static Optional<Descriptor> other(GroupVersionKind kind) {
        return Optional.ofNullable(OTHERS.get(SCHEMAS.of(kind)
                .orElseThrow()
                .name()
                .replace("io.k8s.", "k8s.io.")
                .replace("apiextensions-apiserver", "apiextensions_apiserver")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void everyFieldOfAKindComesBack(GroupVersionKind kind) {
        for (long seed = 0; seed < 5; seed++) {
            Map<String, Object> object = full(kind, seed);

            assertThat(differences("", object, reader.read(writer.write(object).joined())))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void othersReadWhatWeWriteAndWeWhatTheyWrite(GroupVersionKind kind) throws Exception {
        // They lack the group of the aggregator.
        Optional<Descriptor> other = other(kind);
        assertThat(other.isPresent()).isEqualTo(!kind.group().equals("apiregistration.k8s.io"));
        if (other.isEmpty()) {
            return;
        }
        Map<String, Object> object = full(kind, 7);
        byte[] ours = writer.message(kind.apiVersion(), kind.kind(), object);

        DynamicMessage read = DynamicMessage.parseFrom(other.get(), ours);
        assertNothingUnknown(read);
        byte[] theirs = Runtime.Unknown.newBuilder()
                .setTypeMeta(Runtime.TypeMeta.newBuilder()
                        .setApiVersion(kind.apiVersion())
                        .setKind(kind.kind()))
                .setRaw(read.toByteString())
                .build()
                .toByteArray();

        assertThat(differences("", object, reader.read(magic(theirs)))).isEmpty();
    }

    /** Where two trees differ, for whole objects are too long to be read. */
    private static List<String> differences(String path, @Nullable Object one, @Nullable Object other) {
        List<String> found = new ArrayList<>();
        if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
            Set<Object> keys = new TreeSet<>(a.keySet());
            keys.addAll(b.keySet());
            keys.forEach(key -> found.addAll(differences(path + "." + key, a.get(key), b.get(key))));
        } else if (one instanceof List<?> a && other instanceof List<?> b && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                found.addAll(differences(path + "[" + i + "]", a.get(i), b.get(i)));
            }
        } else if (!Objects.equals(one, other)) {
            found.add(path + ": " + one + " became " + other);
        }
        return found;
    }

    private static byte[] magic(byte[] unknown) {
        return ByteString.copyFrom(ProtobufReader.MAGIC)
                .concat(ByteString.copyFrom(unknown))
                .toByteArray();
    }

    private static void assertNothingUnknown(Message message) {
        assertThat(message.getUnknownFields().asMap())
                .as(message.getDescriptorForType().getFullName())
                .isEmpty();
        message.getAllFields().values().forEach(value -> {
            for (Object one : value instanceof List<?> list ? list : List.of(value)) {
                if (one instanceof Message inner) {
                    assertNothingUnknown(inner);
                }
            }
        });
    }

    @Test
    void aPodAsItsOwnClassSeesIt() throws Exception {
        byte[] bytes = writer.message(
                "v1",
                "Pod",
                Json.parseObject(
                        "{\"metadata\":{\"name\":\"p\",\"labels\":{\"b\":\"2\",\"a\":\"1\"}},\"spec\":{\"containers\":[{"
                                + "\"name\":\"c\",\"livenessProbe\":{\"httpGet\":{\"port\":\"web\"},\"timeoutSeconds\":3}}],"
                                + "\"priority\":0,\"volumes\":[{\"name\":\"v\",\"emptyDir\":{\"sizeLimit\":\"1Gi\"}}]}}"));

        V1.Pod pod = V1.Pod.parseFrom(bytes);
        assertThat(pod.getMetadata().getLabelsMap()).containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "2"));
        // What is no pointer is written though nobody set it, and a pointer when somebody did.
        assertThat(pod.getSpec().hasNodeName()).isTrue();
        assertThat(pod.getSpec().getHostNetwork()).isFalse();
        assertThat(pod.getSpec().hasPriority()).isTrue();
        assertThat(pod.getSpec().hasActiveDeadlineSeconds()).isFalse();
        var probe = pod.getSpec().getContainers(0).getLivenessProbe();
        assertThat(probe.getHandler().getHttpGet().getPort().getStrVal()).isEqualTo("web");
        assertThat(probe.getTimeoutSeconds()).isEqualTo(3);
        assertThat(pod.getSpec()
                        .getVolumes(0)
                        .getVolumeSource()
                        .getEmptyDir()
                        .getSizeLimit()
                        .getString())
                .isEqualTo("1Gi");
    }

    @Test
    void aListAndAnEventHoldObjectsAsTheyAre() throws Exception {
        byte[] pod = writer.message("v1", "Pod", Json.parseObject("{\"metadata\":{\"name\":\"p\"}}"));

        byte[] list = writer.list("v1", "PodList", Map.of("resourceVersion", "7"), List.of(pod, pod));
        V1.PodList pods = V1.PodList.parseFrom(unknown(list).getRaw());
        assertThat(pods.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(pods.getItemsList())
                .extracting(p -> p.getMetadata().getName())
                .containsExactly("p", "p");

        Meta.WatchEvent event = Meta.WatchEvent.parseFrom(
                writer.event("ADDED", writer.enveloped("v1", "Pod", pod)).joined());
        assertThat(event.getType()).isEqualTo("ADDED");
        assertThat(unknown(event.getObject().getRaw().toByteArray())
                        .getTypeMeta()
                        .getKind())
                .isEqualTo("Pod");
    }

    private static Runtime.Unknown unknown(byte[] enveloped) throws Exception {
        assertThat(enveloped).startsWith(ProtobufReader.MAGIC);
        return Runtime.Unknown.parseFrom(ByteString.copyFrom(enveloped).substring(ProtobufReader.MAGIC.length));
    }

    @Test
    void whatIsMissingZeroOrNullIsToldApart() {
        String pod =
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"status\":{\"containerStatuses\":[{\"name\":\"c\",\"ready\":"
                        + "false,\"restartCount\":0,\"image\":\"\",\"imageID\":\"\",\"started\":false}]}}";
        assertThat(Json.string(reader.read(writer.write(Json.parseObject(pod)).joined())))
                .contains("\"ready\":false", "\"restartCount\":0", "\"started\":false");

        String job = "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"creationTimestamp\":null},\"spec\":"
                + "{\"parallelism\":0,\"template\":{}}}";
        assertThat(Json.string(reader.read(writer.write(Json.parseObject(job)).joined())))
                .contains("\"parallelism\":0")
                .doesNotContain("completions", "creationTimestamp");
    }

    @Test
    void damagedBytesAreRefusedInWordsAndNothingElse() {
        List<byte[]> whole =
                kinds().map(kind -> writer.write(full(kind, 1)).joined()).toList();
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("coracle.fuzz.seconds", 2)).toNanos();
        Random random = new Random(Long.getLong("coracle.fuzz.seed", 20261127));
        int refused = 0;
        int tries = 0;
        while (System.nanoTime() < end || tries < 2_000) {
            byte[] broken = whole.get(random.nextInt(whole.size())).clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                broken[4 + random.nextInt(broken.length - 4)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                broken = java.util.Arrays.copyOf(broken, 4 + random.nextInt(broken.length - 4));
            }
            tries++;
            try {
                Map<String, Object> read = reader.read(broken);
                // Whatever it is, it can be stored, and sent.
                assertThat(differences("", read, Json.parse(Json.bytes(read)))).isEmpty();
                writer.write(read);
            } catch (MalformedJsonException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
