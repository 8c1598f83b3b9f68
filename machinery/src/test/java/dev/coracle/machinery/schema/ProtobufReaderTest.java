package dev.coracle.machinery.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProtobufReaderTest {
    private final ProtobufReader reader = new ProtobufReader(Schemas.builtIn());

    /** A message that is put together by hand. */
    private static final class Proto {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Proto text(int field, String text) {
            return part(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Proto part(int field, byte[] bytes) {
            out.write(field << 3 | 2);
            out.write(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Proto part(int field, Proto inner) {
            return part(field, inner.bytes());
        }

        Proto number(int field, int value) {
            out.write(field << 3);
            out.write(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    private static byte[] envelope(String apiVersion, String kind, Proto object) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(new byte[] {'k', '8', 's', 0});
        all.writeBytes(new Proto()
                .part(1, new Proto().text(1, apiVersion).text(2, kind))
                .part(2, object)
                .text(3, "")
                .text(4, "")
                .bytes());
        return all.toByteArray();
    }

    private String json(String apiVersion, String kind, Proto object) {
        return Json.string(reader.read(envelope(apiVersion, kind, object)));
    }

    @Test
    void aConfigMapWithBothMaps() {
        var object = new Proto()
                .part(
                        1,
                        new Proto().text(1, "cm").text(2, "").text(3, "default").part(8, new Proto()))
                .part(2, new Proto().text(1, "a").text(2, ""))
                .part(3, new Proto().text(1, "b").part(2, new byte[] {1, 2}));

        assertThat(json("v1", "ConfigMap", object))
                .isEqualTo("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"cm\",\"namespace\":"
                        + "\"default\"},\"data\":{\"a\":\"\"},\"binaryData\":{\"b\":\"AQI=\"}}");
    }

    @Test
    void zeroIsSaidByPointersAlone() {
        // spec.replicas 0 is a pointer; spec.minReadySeconds 0 and paused false are not.
        var object = new Proto().part(2, new Proto().number(1, 0).number(5, 0).number(7, 0));

        assertThat(json("apps/v1", "Deployment", object))
                .isEqualTo("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":0}}");
    }

    @Test
    void whatGoInlinesJsonInlinesAndQuantitiesPortsAndTimesAreScalars() {
        var container = new Proto()
                .text(1, "c")
                .text(2, "busybox")
                .part(8, new Proto().part(1, new Proto().text(1, "cpu").part(2, new Proto().text(1, "100m"))))
                .part(
                        10,
                        new Proto()
                                .part(
                                        1,
                                        new Proto()
                                                .part(
                                                        2,
                                                        new Proto()
                                                                .text(1, "/")
                                                                .part(
                                                                        2,
                                                                        new Proto()
                                                                                .number(1, 1)
                                                                                .text(3, "http")))));
        var object = new Proto()
                .part(1, new Proto().text(1, "p").part(8, new Proto().number(1, 60)))
                .part(
                        2,
                        new Proto()
                                .part(1, new Proto().text(1, "v").part(2, new Proto().part(2, new Proto())))
                                .part(2, container));

        assertThat(json("v1", "Pod", object))
                .isEqualTo("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"creationTimestamp\":"
                        + "\"1970-01-01T00:01:00Z\"},\"spec\":{\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],"
                        + "\"containers\":[{\"name\":\"c\",\"image\":\"busybox\",\"resources\":{\"limits\":{\"cpu\":"
                        + "\"100m\"}},\"livenessProbe\":{\"httpGet\":{\"path\":\"/\",\"port\":\"http\"}}}]}}");
    }

    @Test
    void whatIsNoProtobufIsRefusedAndNeverBreaksTheReader() {
        assertThatThrownBy(() -> reader.read("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageContaining("expected prefix");
        assertThatThrownBy(() -> reader.read(envelope("v1", "Podd", new Proto())))
                .hasMessage("no kind \"Podd\" is registered for version \"v1\"");
        Random random = new Random(7);
        byte[] whole = envelope(
                "v1", "ConfigMap", new Proto().part(1, new Proto().text(1, "cm").text(3, "default")));
        for (int i = 0; i < 5_000; i++) {
            byte[] broken = whole.clone();
            broken[4 + random.nextInt(broken.length - 4)] = (byte) random.nextInt();
            try {
                assertThat(reader.read(broken)).isInstanceOf(Map.class);
            } catch (MalformedJsonException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
