package dev.coracle.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/architecture.md} says of modules, packages and forbidden calls. */
class ArchitectureTest {
    /** Where time, randomness and threads come from. */
    private static final String[] FREE = {"dev.coracle.machinery.env.."};

    private static final JavaClasses CORACLE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.coracle");

    @Test
    void onlyTheApiServerTouchesTheStore() {
        // The cluster opens it and hands it over.
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.coracle.store..", "dev.coracle.apiserver..", "dev.coracle.cluster", "dev.coracle.bench..")
                .and()
                // It puts the parts together as the cluster does, once after a build.
                .doNotHaveFullyQualifiedName("dev.coracle.cli.Rehearsal")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.coracle.store..")
                .check(CORACLE);
    }

    @Test
    void timeRandomnessAndThreadsComeIn() {
        noClasses()
                .that()
                .resideOutsideOfPackages(FREE)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocalRandom.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "startVirtualThread", Runnable.class)
                .orShould()
                .callMethod(Thread.class, "ofVirtual")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executors.class)
                .check(CORACLE);
    }

    @Test
    void noModuleStandsOnOneThatStandsOnIt() {
        slices().matching("dev.coracle.(*)..").should().beFreeOfCycles().check(CORACLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"machinery", "store", "client", "controllers", "runtime", "kubelet", "network", "cluster", "cli"
            })
    void packagesOfAModuleFormNoCircle(String module) {
        slices().matching("dev.coracle." + module + ".(*)..")
                .should()
                .beFreeOfCycles()
                .check(CORACLE);
    }

    @Test
    void allOfItIsLookedAt() {
        assertThat(CORACLE.size()).isGreaterThan(900);
        for (String module : new String[] {"machinery", "store", "apiserver", "scheduler", "kubelet", "cli"}) {
            assertThat(CORACLE.stream().anyMatch(c -> c.getPackageName().startsWith("dev.coracle." + module)))
                    .as(module)
                    .isTrue();
        }
    }

    @Test
    void namesAreTheFields() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameStartingWith("Abstract")
                .check(CORACLE);
    }
}
