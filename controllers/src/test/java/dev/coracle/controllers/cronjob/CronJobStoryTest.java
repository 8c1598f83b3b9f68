package dev.coracle.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.controllers.job.JobController;
import dev.coracle.controllers.job.OrphanPods;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Days of CronJobs; the year begins at midnight. */
class CronJobStoryTest {
    private static final String TEMPLATE =
            "'jobTemplate':{'metadata':{'labels':{'app':'tick'},'annotations':{'a':'b'}},"
                    + "'spec':{'backoffLimit':0,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c',"
                    + "'image':'app'}]}}}}";

    private final World world = new World(Path.of("unused"));
    /** Not read from the server, where events are kept for an hour. */
    private final List<String> told = new ArrayList<>();

    private Kubelet kubelet;

    private void start() {
        start(c -> c);
    }

    private void start(UnaryOperator<Client> client) {
        ControllerContext c = world.context();
        world.run(w -> new CronJobController(
                        new ControllerContext(client.apply(c.client()), c.informers(), c.environment(), c.config()),
                        (o, t, r, m) -> told.add(r + ": " + m)))
                .run(w -> new JobController(w, (o, t, r, m) -> {}))
                .run(OrphanPods::new)
                .run(GarbageCollector::new);
        kubelet = world.kubelet();
        kubelet.exits(p -> Optional.of(new Kubelet.Exit(Duration.ofSeconds(20), 0)));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aJobIsMadeWhenItIsDueAndNamedByTheMinute() {
        start();
        create("'schedule':'*/5 * * * *','timeZone':'Europe/Berlin'");
        world.advance(Duration.ofMinutes(5));
        Unstructured job = jobs().getFirst();
        assertThat(job.name()).isEqualTo("tick-29453765");
        assertThat(job.labels()).containsEntry("app", "tick");
        assertThat(job.annotations())
                .containsEntry("a", "b")
                .containsEntry("batch.kubernetes.io/cronjob-scheduled-timestamp", "2026-01-01T01:05:00+01:00");
        assertThat(job.controllerOf().orElseThrow().kind()).isEqualTo("CronJob");
        Unstructured active = cron().objects("status", "active").getFirst();
        assertThat(active.string("apiVersion") + " " + active.string("kind") + " " + active.string("namespace") + " "
                        + active.string("name"))
                .isEqualTo("batch/v1 Job default tick-29453765");
        assertThat(active.string("uid")).isEqualTo(job.uid());
        assertThat(cron().string("status", "lastScheduleTime")).isEqualTo("2026-01-01T00:05:00Z");
        world.advance(Duration.ofSeconds(30));
        assertThat(cron().objects("status", "active")).isEmpty();
        assertThat(cron().string("status", "lastSuccessfulTime")).isEqualTo("2026-01-01T00:05:20Z");
        assertThat(told("SuccessfulCreate")).containsExactly("Created job tick-29453765");
        assertThat(told("SawCompletedJob")).containsExactly("Saw completed job: tick-29453765, condition: Complete");
    }

    @Test
    void aWeekOfHoursIsAJobEachAndTheLastThreeAreKept() {
        start();
        create("'schedule':'@hourly'");
        world.advance(Duration.ofDays(7));
        assertThat(told("SuccessfulCreate")).hasSize(7 * 24);
        world.advance(Duration.ofMinutes(1));
        assertThat(jobs()).extracting(Unstructured::name).hasSize(3).contains("tick-" + (29453760 + 7 * 24 * 60));
        assertThat(world.pods()).as("the garbage collector took the others'").hasSize(3);
        assertThat(told("UnexpectedJob")).isEmpty();
        assertThat(told("MissingJob")).isEmpty();
    }

    @Test
    void ofFailedJobsTheLastIsKept() {
        start();
        kubelet.exits(p -> Optional.of(new Kubelet.Exit(Duration.ofSeconds(20), 1)));
        create("'schedule':'@hourly'");
        world.advance(Duration.ofHours(5).plusMinutes(1));
        assertThat(jobs()).hasSize(1);
        assertThat(cron().has("status", "lastSuccessfulTime")).isFalse();
        assertThat(told("SawCompletedJob")).hasSize(5).last().asString().endsWith("condition: Failed");
        assertThat(told("SuccessfulDelete")).hasSize(4);
    }

    @Test
    void allowedRunsOverlapForbiddenOnesWaitAndReplacedOnesEnd() {
        start();
        kubelet.exits(p -> Optional.empty());
        for (String policy : List.of("Allow", "Forbid", "Replace")) {
            world.create(
                    Resources.CRON_JOBS,
                    "default",
                    cron(
                            policy.toLowerCase(Locale.ROOT),
                            "'schedule':'*/10 * * * *','concurrencyPolicy':'" + policy + "'"));
        }
        world.advance(Duration.ofMinutes(31));
        assertThat(running("allow")).hasSize(3);
        assertThat(running("forbid")).containsExactly("forbid-29453770");
        assertThat(running("replace")).containsExactly("replace-29453790");
        assertThat(told("JobAlreadyActive")).isNotEmpty();
        assertThat(world.get(Resources.CRON_JOBS, "replace").objects("status", "active"))
                .hasSize(1);
    }

    @Test
    void aSuspendedOneRestsAndMakesUpForTheLastOnly() {
        start();
        create("'schedule':'*/10 * * * *','suspend':true");
        world.advance(Duration.ofMinutes(55));
        assertThat(jobs()).isEmpty();
        world.patch(Resources.CRON_JOBS, "default", "tick", "{'spec':{'suspend':false}}");
        world.settle();
        assertThat(jobs()).extracting(Unstructured::name).containsExactly("tick-" + (29453760 + 50));
    }

    @Test
    void aNewScheduleIsForTimesToCome() {
        start();
        create("'schedule':'0 12 * * *'");
        world.advance(Duration.ofMinutes(30));
        world.patch(Resources.CRON_JOBS, "default", "tick", "{'spec':{'schedule':'20 * * * *'}}");
        world.advance(Duration.ofMinutes(5));
        assertThat(jobs()).isEmpty();
        world.advance(Duration.ofMinutes(46));
        assertThat(jobs()).extracting(Unstructured::name).containsExactly("tick-" + (29453760 + 80));
    }

    @Test
    void aJobThatWasMadeByHandIsNoticed() {
        start();
        create("'schedule':'0 12 * * *'");
        Unstructured by = cron();
        world.create(
                Resources.JOBS,
                "default",
                "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'by-hand','ownerReferences':[{"
                        + "'apiVersion':'batch/v1','kind':'CronJob','controller':true,'name':'tick','uid':'" + by.uid()
                        + "'}]},'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c',"
                        + "'image':'app'}]}}}}");
        world.advance(Duration.ofMinutes(1));
        assertThat(told("UnexpectedJob")).contains("Saw a job that the controller did not create or forgot: by-hand");
        assertThat(cron().objects("status", "active")).isEmpty();
        assertThat(cron().has("status", "lastSuccessfulTime")).isTrue();
    }

    @Test
    void anActiveJobThatGoesMissingIsStruck() {
        start();
        kubelet.exits(p -> Optional.empty());
        create("'schedule':'@hourly'");
        world.advance(Duration.ofHours(1));
        world.delete(Resources.JOBS, "default", jobs().getFirst().name(), "Background");
        world.advance(Duration.ofMinutes(2));
        assertThat(told("MissingJob")).containsExactly("Active job went missing: tick-29453820");
        assertThat(cron().objects("status", "active")).isEmpty();
        assertThat(jobs()).as("a time that was served is not due again").isEmpty();
    }

    @Test
    void whateverWriteIsRefusedThereIsOneJobForEachTime() throws Exception {
        AtomicInteger writes = new AtomicInteger();
        List<Integer> refused = List.of(0, 1, 2, 4, 5, 9, 10, 11);
        start(client -> Calls.refusing(
                client,
                (method, arguments) -> List.of("create", "update", "delete").contains(method)
                        && refused.contains(writes.getAndIncrement()),
                () -> StatusException.unavailable("not now")));
        create("'schedule':'*/10 * * * *','successfulJobsHistoryLimit':100");
        List<String> expected = new ArrayList<>();
        for (int i = 10; i <= 120; i += 10) {
            expected.add("tick-" + (29453760 + i));
        }
        world.advance(Duration.ofMinutes(121));
        assertThat(jobs()).extracting(Unstructured::name).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(cron().objects("status", "active")).isEmpty();
        assertThat(cron().string("status", "lastScheduleTime")).isEqualTo("2026-01-01T02:00:00Z");
        assertThat(told("SawCompletedJob")).hasSize(expected.size());
    }

    private static String cron(String name, String spec) {
        return "{'apiVersion':'batch/v1','kind':'CronJob','metadata':{'name':'" + name + "'},'spec':{" + spec + ","
                + TEMPLATE + "}}";
    }

    private void create(String spec) {
        world.create(Resources.CRON_JOBS, "default", cron("tick", spec));
    }

    private List<String> told(String reason) {
        return told.stream()
                .filter(t -> t.startsWith(reason + ": "))
                .map(t -> t.substring(reason.length() + 2))
                .toList();
    }

    private Unstructured cron() {
        return world.get(Resources.CRON_JOBS, "tick");
    }

    private List<Unstructured> jobs() {
        return world.list(Resources.JOBS, "default");
    }

    private List<String> running(String cron) {
        return jobs().stream()
                .map(Unstructured::name)
                .filter(n -> n.startsWith(cron + "-"))
                .toList();
    }
}
