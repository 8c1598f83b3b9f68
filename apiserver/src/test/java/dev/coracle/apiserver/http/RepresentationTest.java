package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.object.StatusException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client gets for what it accepts. */
class RepresentationTest {
    private static Request accepting(String accept) {
        return new Request(
                "GET",
                "/",
                "/",
                Map.of(),
                Map.of("accept", accept),
                new byte[0],
                UserInfo.ADMIN,
                RequestInfo.of("GET", "/", Map.of()));
    }

    private static String told(StatusException e) {
        return e.code() + " " + e.reason() + " " + e.getMessage();
    }

    private static String of(String accept, boolean messages) {
        try {
            Representation r = Representation.of(accepting(accept), messages);
            return r.format() + " " + r.shape();
        } catch (StatusException e) {
            return "" + e.code();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                  | JSON WHOLE
            */*                                                                 | JSON WHOLE
            *                                                                   | JSON WHOLE
            application/*                                                       | JSON WHOLE
            application/json; charset=utf-8                                     | JSON WHOLE
            application/json;stream=watch                                       | JSON WHOLE
            application/json;stream=other                                       | 406
            application/yaml                                                    | YAML WHOLE
            application/vnd.kubernetes.protobuf                                 | PROTOBUF WHOLE
            application/vnd.kubernetes.protobuf,application/json                | PROTOBUF WHOLE
            application/json,application/vnd.kubernetes.protobuf                | JSON WHOLE
            application/json;q=0.5,application/vnd.kubernetes.protobuf          | PROTOBUF WHOLE
            application/json;q=0.5,application/vnd.kubernetes.protobuf;q=0.4    | JSON WHOLE
            application/json;q=0.1,application/yaml;q=0.2,text/html             | YAML WHOLE
            application/json;q=none,application/yaml;q=0.1                      | YAML WHOLE
            */*,application/yaml                                                | YAML WHOLE
            application/*,application/vnd.kubernetes.protobuf                   | PROTOBUF WHOLE
            text/html                                                           | 406
            application/cbor                                                    | 406
            application/cbor,application/json;q=0.1                             | JSON WHOLE
            application/json;as=Table;v=v1;g=meta.k8s.io                        | JSON TABLE
            application/yaml;as=Table;v=v1beta1;g=meta.k8s.io                   | YAML TABLE
            application/json;as=Table;v=v9;g=meta.k8s.io                        | 406
            application/json;as=table;v=v1;g=meta.k8s.io                        | 406
            application/json;as=Table;v=v9;g=meta.k8s.io,application/json       | JSON WHOLE
            application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io     | 406
            application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1 | JSON TABLE
            application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1 | PROTOBUF METADATA
            application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json | PROTOBUF METADATA
            application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1   | JSON METADATA
            """)
    void theBestOfWhatIsAcceptedAndThere(String accept, String expected) {
        assertThat(of(accept, true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            application/vnd.kubernetes.protobuf                                 | 406
            application/vnd.kubernetes.protobuf,application/json                | JSON WHOLE
            application/vnd.kubernetes.protobuf,*/*                             | JSON WHOLE
            application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1 | PROTOBUF METADATA
            """)
    void whatUsersDefineIsNoMessageButItsMetadataIs(String accept, String expected) {
        assertThat(of(accept, false)).isEqualTo(expected);
    }

    @Test
    void whatIsRefusedIsToldWhatThereIs() {
        assertThatThrownBy(() -> Representation.of(accepting("application/cbor"), true))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(told(e))
                                .isEqualTo(
                                        "406 NotAcceptable only the following media types are accepted: application/json, "
                                                + "application/yaml, application/vnd.kubernetes.protobuf"));
        assertThatThrownBy(() -> Representation.stream(accepting("application/yaml"), true))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(told(e))
                                .isEqualTo(
                                        "406 NotAcceptable only the following media types are accepted: application/json;"
                                                + "stream=watch, application/vnd.kubernetes.protobuf;stream=watch"));
    }
}
