package io.anabranch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Holds the rooms of the house apart: which package may use which others of ours. */
@AnalyzeClasses(packages = "io.anabranch", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String OURS = "io.anabranch.";

    /** What an application sees that hosts a hub. */
    private static final String FRONT_DOOR = "io.anabranch";

    private static final Map<String, List<String>> MAY_USE =
            Map.ofEntries(
                    Map.entry("message", List.of()),
                    Map.entry("log", List.of("message")),
                    Map.entry("hub", List.of("log", "message")),
                    // Of the log its queries and pages alone.
                    Map.entry("stream", List.of("hub", "log", "message")),
                    Map.entry("transport", List.of("stream")),
                    Map.entry("adapter", List.of("auth", "hub", "log", "message", "stream")),
                    Map.entry("bridge", List.of("adapter", "auth", "log", "message", "stream")),
                    Map.entry(
                            "mercure",
                            List.of("adapter", "auth", "hub", "log", "message", "stream")),
                    Map.entry("auth", List.of("message")),
                    Map.entry(
                            "config",
                            List.of(
                                    "auth",
                                    "bridge",
                                    "hub",
                                    "log",
                                    "mercure",
                                    "message",
                                    "polyglot")),
                    Map.entry("cluster", List.of("auth", "hub", "log", "message")),
                    Map.entry("polyglot", List.of("hub", "log", "message", "metrics")),
                    Map.entry("metrics", List.of("message")),
                    Map.entry("console", List.of("hub", "metrics")),
                    Map.entry("client", List.of("message")),
                    Map.entry("demo", List.of()),
                    Map.entry("bench", List.of("message")),
                    Map.entry(
                            "http",
                            List.of(
                                    "adapter",
                                    "auth",
                                    "bridge",
                                    "client",
                                    "cluster",
                                    "config",
                                    "console",
                                    "demo",
                                    "hub",
                                    "log",
                                    "mercure",
                                    "message",
                                    "metrics",
                                    "polyglot",
                                    "stream",
                                    "transport")));

    @ArchTest
    static void everyRoomUsesOnlyWhatItMay(JavaClasses classes) {
        MAY_USE.forEach((room, mayUse) -> onlyUses(room, mayUse).check(classes));
    }

    private static ArchRule onlyUses(String room, List<String> mayUse) {
        List<String> forbidden = new ArrayList<>();
        for (String other : new TreeSet<>(MAY_USE.keySet())) {
            if (!other.equals(room) && !mayUse.contains(other)) {
                forbidden.add(OURS + other + "..");
            }
        }
        forbidden.add(OURS + "cli..");
        forbidden.add(FRONT_DOOR);
        return noClasses()
                .that()
                .resideInAPackage(OURS + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new))
                .allowEmptyShould(true);
    }

    @ArchTest
    static void everyClassIsInARoom(JavaClasses classes) {
        for (JavaClass one : classes) {
            if (one.getPackageName().equals(FRONT_DOOR)) {
                continue;
            }
            String room = one.getPackageName().substring(OURS.length()).split("\\.")[0];
            assertThat(MAY_USE.containsKey(room) || room.equals("cli"))
                    .as("%s is in a room that MAY_USE knows", one.getName())
                    .isTrue();
        }
    }

    @ArchTest
    static void streamUsesOnlyQueriesAndPagesOfTheLog(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage(OURS + "stream..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.anabranch\\.log\\.(.*Log|Draft|Retention|Memory.*)")
                .check(classes);
    }

    @ArchTest
    static void roomsHaveNoCycles(JavaClasses classes) {
        slices().matching(OURS + "(*)..").should().beFreeOfCycles().check(classes);
    }

    @ArchTest
    static void onlyTheCommandLinePrints(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackage(OURS + "cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(classes);
    }

    @ArchTest
    static void nobodyUsesTheLoggingOfTheJdk(JavaClasses classes) {
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(classes);
    }

    @ArchTest
    static void valuesDoNoInputOrOutput(JavaClasses classes) {
        classes()
                .that()
                .resideInAPackage(OURS + "message..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        OURS + "message..",
                        "java.lang..",
                        "java.util..",
                        "java.io",
                        "java.nio",
                        "java.nio.charset",
                        "com.fasterxml.jackson.core..",
                        "org.jspecify..")
                .check(classes);
    }
}
