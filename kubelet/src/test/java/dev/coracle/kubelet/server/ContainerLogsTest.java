package dev.coracle.kubelet.server;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code kubectl logs} gets. */
@Timeout(30)
class ContainerLogsTest {
    private static final String APP = "/containerLogs/default/web-0/app";

    @TempDir
    Path directory;

    private ServerStage stage;

    @BeforeEach
    void serveALogOfFourLines() throws Exception {
        stage = new ServerStage(directory);
        Files.writeString(stage.log, """
                2026-11-24T01:00:00.5Z stdout F one
                2026-11-24T01:00:01+00:00 stderr F two
                2026-11-24T01:00:02.000000003Z stdout P th
                2026-11-24T01:00:02.000000004Z stdout F ree
                not a log line
                2026-11-24T03:00:03.25+02:00 stdout F four
                """);
        Files.writeString(stage.previousLog, "2026-11-24T00:00:00Z stdout F before\n");
    }

    @AfterEach
    void close() {
        stage.close();
        assertThat(stage.uncaught).isEmpty();
        assertThat(stage.runtime.listeners).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                     | one\\ntwo\\nthree\\nfour\\n",
                "?tailLines=1                           | four\\n",
                "?tailLines=0                           | ''",
                "?tailLines=100                         | one\\ntwo\\nthree\\nfour\\n",
                "?limitBytes=5                          | one\\nt",
                "?stream=Stderr                         | two\\n",
                "?previous=true                         | before\\n",
                "?sinceTime=2026-11-24T01:00:02.5Z      | four\\n",
                "?sinceTime=2026-11-24T02:00:02%2B01:00 | three\\nfour\\n",
            })
    void optionsChooseThePart(String query, String expected) throws Exception {
        var answer = stage.get(APP + query);

        assertThat(answer.body()).isEqualTo(expected.replace("\\n", "\n"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    }

    @Test
    void timestampsHaveNineDigitsAndTheirOwnOffsetAndAPieceHasNone() throws Exception {
        assertThat(stage.get(APP + "?timestamps=true").body()).isEqualTo("""
                        2026-11-24T01:00:00.500000000Z one
                        2026-11-24T01:00:01.000000000Z two
                        2026-11-24T01:00:02.000000003Z three
                        2026-11-24T03:00:03.250000000+02:00 four
                        """);
    }

    @Test
    void aLastLineThatItsWriterNeverEndedHasNoNewline() throws Exception {
        String unended = """
                2026-11-24T01:00:00Z stdout P a
                2026-11-24T01:00:00Z stdout F\s
                2026-11-24T01:00:01Z stdout F b
                2026-11-24T01:00:02Z stdout P c
                2026-11-24T01:00:02Z stdout F\s
                """;
        Files.writeString(stage.log, unended);
        // It may still go on: then the newline is its writer's.
        assertThat(stage.get(APP).body()).isEqualTo("a\nb\nc\n");

        stage.runtime.change(ServerStage.container("app-1", stage.log, ContainerState.EXITED));
        assertThat(stage.get(APP).body()).isEqualTo("a\nb\nc");
        assertThat(stage.get(APP + "?follow=true").body()).isEqualTo("a\nb\nc");
        assertThat(stage.get(APP + "?tailLines=1").body()).isEqualTo("c");
        assertThat(stage.get(APP + "?tailLines=2").body()).isEqualTo("b\nc");
        assertThat(stage.get(APP + "?limitBytes=2").body()).isEqualTo("a\n");

        // An empty line is one.
        Files.writeString(stage.log, "2026-11-24T01:00:01Z stdout F b\n2026-11-24T01:00:02Z stdout F \n");
        assertThat(stage.get(APP).body()).isEqualTo("b\n\n");
        assertThat(stage.get(APP + "?tailLines=1").body()).isEqualTo("\n");
    }

    @Test
    void sinceSecondsCountsFromNow() throws Exception {
        Instant now = stage.system.environment().clock().now();
        Files.writeString(
                stage.log, now.minusSeconds(3600) + " stdout F old\n" + now.minusSeconds(60) + " stdout F young\n");

        assertThat(stage.get(APP + "?sinceSeconds=600").body()).isEqualTo("young\n");
    }

    @Test
    void theTailOfALargeLogIsExact() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append("2026-11-24T01:00:00Z stdout F line ").append(i).append('\n');
        }
        Files.writeString(stage.log, text);

        assertThat(stage.get(APP + "?tailLines=5000").body().lines())
                .hasSize(5000)
                .startsWith("line 15000")
                .endsWith("line 19999");
    }

    @ParameterizedTest
    @CsvSource({
        "?tailLines=-1, 422",
        "?limitBytes=0, 422",
        "?sinceSeconds=0, 422",
        "?tailLines=x, 400",
        "?sinceTime=yesterday, 400",
        "?sinceTime=2026-11-24T01:00:00Z&sinceSeconds=5, 422",
        "?stream=stdout, 422"
    })
    void senselessOptionsAreRefused(String query, int code) throws Exception {
        assertThat(stage.get(APP + query).statusCode()).isEqualTo(code);
    }

    @Test
    void whatHasNoLogIsSaidInUpstreamsWords() throws Exception {
        var noPod = stage.get("/containerLogs/default/web-1/app");
        var noContainer = stage.get("/containerLogs/default/web-0/ap");
        var waiting = stage.get("/containerLogs/default/web-0/side");
        var noPrevious = stage.get("/containerLogs/default/web-0/side?previous=true");
        var notSeen = stage.get("/containerLogs/default/web-0/init");

        assertThat(noPod.statusCode()).isEqualTo(404);
        assertThat(noPod.body()).isEqualTo("pod \"web-1\" does not exist");
        assertThat(noContainer.statusCode()).isEqualTo(404);
        assertThat(noContainer.body()).isEqualTo("container \"ap\" not found in pod \"web-0\"");
        assertThat(waiting.statusCode()).isEqualTo(400);
        assertThat(waiting.body())
                .isEqualTo("container \"side\" in pod \"web-0\" is waiting to start: trying and failing to pull image");
        assertThat(noPrevious.body()).isEqualTo("previous terminated container \"side\" in pod \"web-0\" not found");
        assertThat(notSeen.body()).isEqualTo("container \"init\" in pod \"web-0\" is not available");
    }

    @Test
    void aFollowerSeesLinesAsTheyComeThroughRotationUntilTheContainerEnds() throws Exception {
        try (BufferedReader lines = follow("?follow=true&tailLines=1")) {
            assertThat(lines.readLine()).isEqualTo("four");

            append("2026-11-24T01:00:04Z stdout F fi");
            append("ve\n");
            assertThat(lines.readLine()).isEqualTo("five");

            Files.move(stage.log, directory.resolve("1.log.20261124"));
            Files.writeString(directory.resolve("1.log.20261124"), "2026-11-24T01:00:05Z stdout F six\n", APPEND);
            append("2026-11-24T01:00:06Z stdout F seven\n");
            assertThat(lines.readLine()).isEqualTo("six");
            assertThat(lines.readLine()).isEqualTo("seven");

            append("2026-11-24T01:00:07Z stdout F last\n");
            stage.runtime.change(ServerStage.container("app-1", stage.log, ContainerState.EXITED));
            assertThat(lines.readLine()).isEqualTo("last");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void aFollowerMayComeBeforeTheLog() throws Exception {
        Files.delete(stage.log);
        try (BufferedReader lines = follow("?follow=true")) {
            append("2026-11-24T01:00:04Z stdout F first\n");
            assertThat(lines.readLine()).isEqualTo("first");
        }
    }

    @Test
    void aFollowerThatLeavesIsForgotten() throws Exception {
        BufferedReader lines = follow("?follow=true&tailLines=1");
        assertThat(lines.readLine()).isEqualTo("four");
        assertThat(stage.runtime.listeners).hasSize(1);

        lines.close();

        await().atMost(Duration.ofSeconds(10)).until(() -> stage.runtime.listeners.isEmpty());
    }

    @Test
    void closingTheServerEndsFollowers() throws Exception {
        BufferedReader lines = follow("?follow=true&tailLines=1");
        assertThat(lines.readLine()).isEqualTo("four");

        stage.server.close();

        assertThat(stage.runtime.listeners).isEmpty();
        assertThatThrownBy(lines::readLine).isInstanceOf(IOException.class);
    }

    private void append(String text) throws Exception {
        Files.writeString(stage.log, text, CREATE, APPEND);
    }

    private BufferedReader follow(String query) throws Exception {
        HttpResponse<InputStream> answer = stage.client.send(
                HttpRequest.newBuilder(stage.uri("https", APP + query)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(answer.body()));
    }
}
