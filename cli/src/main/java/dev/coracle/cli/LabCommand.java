package dev.coracle.cli;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.lab.Course;
import dev.coracle.cli.lab.Teacher;
import dev.coracle.cli.lab.Verdict;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Json;
import java.io.Console;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lab",
        mixinStandardHelpOptions = true,
        description = "The exercises of the course, see labs/README.md.",
        subcommands = {
            LabCommand.ListAll.class,
            LabCommand.Start.class,
            LabCommand.Check.class,
            LabCommand.Hint.class,
            LabCommand.Reset.class
        })
final class LabCommand {
    private static final String NAME = "NAME";

    /** What all of them do first and last. */
    private abstract static class OnCluster implements Callable<Integer> {
        @Mixin
        private ClusterOptions cluster = new ClusterOptions();

        @Override
        public final Integer call() throws Exception {
            if (!cluster.existing().running()) {
                throw new IllegalStateException("cluster \"" + cluster.paths().name() + "\" is down");
            }
            Path kubeconfig = cluster.paths().kubeconfig();
            try (var system = new SystemEnvironment((task, e) -> System.getLogger("coracle.lab")
                            .log(System.Logger.Level.DEBUG, "task " + task + " failed", e));
                    var session = new Session(
                            Kubeconfig.read(kubeconfig).endpoint(),
                            kubeconfig,
                            "",
                            Duration.ZERO,
                            system.environment(),
                            System.in,
                            System.out,
                            System.err)) {
                Course course = new Course(Path.of(System.getProperty("coracle.dist", "")));
                Console console = System.console();
                return run(
                        new Teacher(session, course, cluster.paths().dir().resolve("labs")),
                        new Progress(
                                System.out,
                                System.err,
                                system.environment().clock(),
                                console != null && console.isTerminal()));
            }
        }

        abstract int run(Teacher teacher, Progress out) throws Exception;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "All exercises, and which are under way.")
    static final class ListAll extends OnCluster {
        @Override
        int run(Teacher teacher, Progress out) throws Exception {
            Columns table = Columns.table().row("NAME", "STARTED", "EXERCISE", "READ");
            for (Teacher.Listed e : teacher.list()) {
                table.row(e.name(), e.started() ? "yes" : "no", e.title(), "labs/" + e.lab() + "/README.md");
            }
            table.flush(System.out);
            return 0;
        }
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = "Prepares an exercise in a namespace of its own.")
    static final class Start extends OnCluster {
        @Parameters(paramLabel = NAME, description = "e.g. 2a")
        private String name = "";

        @Option(names = "--seed", paramLabel = "N", description = "Exercise 6: another four things break.")
        private @Nullable Long seed;

        @Override
        int run(Teacher teacher, Progress out) throws Exception {
            out.line(teacher.start(name, optional(seed)));
            return 0;
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "What is done and what is not; the exit code is 1 while something is not.")
    static final class Check extends OnCluster {
        @Parameters(paramLabel = NAME, description = "e.g. 2a")
        private String name = "";

        @Option(names = "--json", description = "For programs.")
        private boolean json;

        @Override
        int run(Teacher teacher, Progress out) throws Exception {
            List<Verdict> verdicts = teacher.check(name);
            if (json) {
                out.line(json(name, verdicts));
            } else {
                show(name, verdicts, out);
            }
            return done(verdicts) ? 0 : 1;
        }
    }

    @Command(name = "hint", mixinStandardHelpOptions = true, description = "Helps, a step further each time.")
    static final class Hint extends OnCluster {
        @Parameters(paramLabel = NAME, description = "e.g. 2a")
        private String name = "";

        @Override
        int run(Teacher teacher, Progress out) throws Exception {
            out.line(teacher.hint(name));
            return 0;
        }
    }

    @Command(
            name = "reset",
            mixinStandardHelpOptions = true,
            description = "Deletes the exercise's namespaces with all that is in them, and starts it again.")
    static final class Reset extends OnCluster {
        @Parameters(paramLabel = NAME, description = "e.g. 2a")
        private String name = "";

        @Option(names = "--seed", paramLabel = "N", description = "Exercise 6: another four things break.")
        private @Nullable Long seed;

        @Override
        int run(Teacher teacher, Progress out) throws Exception {
            out.line(teacher.reset(name, optional(seed)));
            return 0;
        }
    }

    private static OptionalLong optional(@Nullable Long seed) {
        return seed == null ? OptionalLong.empty() : OptionalLong.of(seed);
    }

    private static boolean done(List<Verdict> verdicts) {
        return verdicts.stream().allMatch(Verdict::holds);
    }

    static void show(String name, List<Verdict> verdicts, Progress out) {
        verdicts.forEach(v -> out.mark(v.holds(), v.says()));
        long open = verdicts.stream().filter(v -> !v.holds()).count();
        out.line("");
        out.line(
                open == 0
                        ? "Exercise " + name + " is done."
                        : open + " of " + verdicts.size() + " are still open; `coracle lab hint " + name + "` helps.");
    }

    static String json(String name, List<Verdict> verdicts) {
        List<Object> checks = new ArrayList<>();
        for (Verdict v : verdicts) {
            Map<String, Object> check = new LinkedHashMap<>();
            check.put("holds", v.holds());
            check.put("says", v.says());
            checks.add(check);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("exercise", name);
        all.put("done", done(verdicts));
        all.put("checks", checks);
        return Json.string(all);
    }
}
