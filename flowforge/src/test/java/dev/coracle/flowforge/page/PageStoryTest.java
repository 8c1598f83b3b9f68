package dev.coracle.flowforge.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.flowforge.RunningFlowForge;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.support.ui.Select;

/** The web page in a real browser, with both services and a database behind it. */
class PageStoryTest {
    private static RunningFlowForge flowforge;
    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Browser.isInstalled(),
                "the page was not tried: Chromium is missing, `apt-get install chromium chromium-driver`");
        flowforge = RunningFlowForge.start();
        flowforge.startWorker();
    }

    @AfterAll
    static void stop() throws Exception {
        if (flowforge != null) {
            flowforge.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        flowforge.database().useHandle(h -> h.execute("truncate tasks"));
        browser = Browser.start();
        browser.open(flowforge.url() + "/");
    }

    @AfterEach
    void close() throws Exception {
        List<String> complaints = browser.complaints();
        browser.close();
        assertThat(complaints).allMatch(c -> c.matches("(?s).*/api/\\S+ - Failed to load resource.*(400|401).*"));
    }

    private void enter() {
        browser.type("#key", RunningFlowForge.KEY + Keys.ENTER);
        browser.awaitText("#live", "Live");
    }

    private void post(String type, String payload) {
        new Select(browser.element("#type")).selectByValue(type);
        browser.type("#payload", payload);
        browser.click("#task-form button[type=submit]");
    }

    @Test
    void theKeyIsAskedForAndKeptInTheTabAlone() throws Exception {
        browser.screenshot("door");
        assertThat(browser.element("#board").isDisplayed()).isFalse();

        browser.type("#key", "wrong" + Keys.ENTER);
        browser.awaitText("#key-fault", "does not know this key");
        assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);

        enter();
        assertThat(browser.run("return JSON.stringify(sessionStorage)"))
                .isEqualTo("{\"flowforge-api-key\":\"" + RunningFlowForge.KEY + "\"}");
        assertThat(browser.run("return localStorage.length + document.cookie.length"))
                .isEqualTo(0L);
        assertThat(browser.run("return document.getElementById('key').value")).isEqualTo("");

        browser.open(flowforge.url() + "/");
        browser.awaitText("#live", "Live");
        browser.click("#forget");
        assertThat(browser.element("#door").isDisplayed()).isTrue();
        assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
    }

    @Test
    void aPostedTaskIsSeenToBeDone() throws Exception {
        enter();
        post("hash", "{\"text\":\"hello\"}");

        browser.awaitText("#says", "Posted a task of type hash");
        browser.awaitText("#recent .pill", "succeeded");
        browser.awaitText("#recent td.text", "2cf24dba5fb0a30e26e83b2ac5b9e29e");
        browser.awaitText("#tiles .succeeded dd", "1");
        browser.awaitText("#types tr[data-id=hash]", "hash 0 0 1 0 0");
    }

    @Test
    void aTaskIsSeenWhileItRuns() throws Exception {
        enter();
        var done = new CountDownLatch(1);
        var slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        slow.setExecutor(Runnable::run);
        slow.createContext("/", exchange -> {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        slow.start();
        try {
            post("http", "{\"url\":\"http://127.0.0.1:" + slow.getAddress().getPort() + "/\"}");

            browser.awaitText("#recent .pill", "running");
            browser.awaitText("#tiles .running dd", "1");
            done.countDown();
            browser.awaitText("#recent .pill", "succeeded");
            browser.awaitText("#tiles .running dd", "0");
        } finally {
            done.countDown();
            slow.stop(0);
        }
    }

    @Test
    void aTaskThatWaitsCanBeCancelledAndQueuedAgain() throws Exception {
        enter();
        browser.click("summary");
        browser.type("#delaySeconds", "3600");
        post("echo", "{}");

        browser.awaitText("#recent .pill", "queued");
        browser.click("#recent button");
        browser.awaitText("#recent .pill", "cancelled");
        browser.awaitText("#recent button", "Retry");
        browser.click("#recent button");
        browser.awaitText("#recent .pill", "succeeded");
    }

    @Test
    void aFaultIsShownAtTheFieldThatIsWrong() throws Exception {
        enter();
        post("hash", "{\"text\":7}");

        browser.awaitText("#task-fault", "payload.text: must be a string");
        assertThat(browser.element("#payload").getDomAttribute("aria-invalid")).isEqualTo("true");

        post("hash", "{text}");
        browser.awaitText("#task-fault", "The payload is not JSON");
        assertThat(browser.texts("#recent tr")).isEmpty();
    }

    @Test
    void aDeadLetterIsRetriedByItsButton() throws Exception {
        enter();
        browser.click("summary");
        browser.type("#maxAttempts", "1");
        post("fail", "{\"message\":\"out of paper\"}");

        browser.awaitText("#dead td.text", "out of paper");
        browser.screenshot("dead");
        // The second time it succeeds.
        flowforge.database().useHandle(h -> h.execute("update tasks set type = 'echo' where status = 'dead'"));
        browser.click("#dead button");

        browser.awaitText("#says", "is queued again");
        browser.awaitText("#recent .pill", "succeeded");
        browser.awaitText("#no-dead", "None.");
        // Other stories may have counted before.
        assertThat(flowforge.text(flowforge.url() + "/metrics"))
                .containsPattern("flowforge_tasks_revived_total\\{type=\"echo\"} [1-9]");
        assertThat(flowforge.text(flowforge.workerUrl() + "/metrics"))
                .containsPattern("flowforge_dead_letters_total\\{type=\"fail\"} [1-9]")
                .containsPattern("flowforge_task_duration_seconds_count\\{outcome=\"failed\",type=\"fail\"} [1-9]")
                .containsPattern("flowforge_task_duration_seconds_bucket\\{outcome=\"succeeded\",type=\"echo\",le=")
                .contains("flowforge_task_retries_total{type=\"hash\"} 0.0");
    }

    @Test
    void whatATaskHoldsIsTextAndNothingElse() throws Exception {
        enter();
        String markup = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        flowforge.post(
                "/api/tasks", "{\"type\":\"echo\",\"payload\":{\"x\":\"" + markup.replace("\"", "\\\"") + "\"}}");
        flowforge.post(
                "/api/tasks",
                "{\"type\":\"fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"" + markup.replace("\"", "\\\"")
                        + "\"}}");

        browser.awaitText("#dead td.text", "<img src=x");
        browser.awaitText("#recent td.text", "<script>");
        assertThat(browser.elements("main img, main script")).isEmpty();
        assertThat(browser.run("return document.title")).isEqualTo("FlowForge");
    }

    @Test
    void theFocusStaysWhereItIsWhileThePageFollowsTheQueue() throws Exception {
        enter();
        flowforge.post("/api/tasks", "{\"type\":\"echo\",\"delaySeconds\":3600}");
        browser.awaitText("#recent button", "Cancel");
        browser.run("document.querySelector('#recent button').focus()");
        flowforge.post("/api/tasks", "{\"type\":\"uppercase\",\"payload\":{\"text\":\"a\"}}");
        browser.awaitText("#recent tr", "uppercase");

        assertThat((String) browser.run("return document.activeElement.getAttribute('aria-label')"))
                .startsWith("Cancel echo task");
    }

    @Test
    void everythingFitsAndHasANameOnANarrowScreen() throws Exception {
        enter();
        for (String type : List.of("hash", "uppercase")) {
            flowforge.post(
                    "/api/tasks", "{\"type\":\"" + type + "\",\"payload\":{\"text\":\"" + "long ".repeat(100) + "\"}}");
        }
        flowforge.post("/api/tasks", "{\"type\":\"fail\",\"maxAttempts\":1}");
        flowforge.post("/api/tasks", "{\"type\":\"sleep\",\"payload\":{\"millis\":1},\"delaySeconds\":3600}");
        browser.awaitText("#dead td.text", "failing on demand");
        Awaitility.await()
                .until(() -> browser.texts("#recent .pill").stream()
                                .filter("succeeded"::equals)
                                .count()
                        == 2);
        browser.screenshot("wide");
        for (int width : new int[] {1280, 800, 520}) {
            browser.width(width);
            assertThat(browser.run("return document.documentElement.scrollWidth <= window.innerWidth"))
                    .as("no sideways scrolling at " + width)
                    .isEqualTo(true);
            browser.screenshot("at-" + width);
        }
        assertThat(browser.run("return [...document.querySelectorAll('input, select, textarea')]"
                        + ".filter(f => !f.labels.length).map(f => f.id).join()"))
                .as("fields without a label")
                .isEqualTo("");
        assertThat(browser.run("return [...document.querySelectorAll('button')]"
                        + ".filter(b => !b.textContent.trim()).length"))
                .isEqualTo(0L);
    }
}
