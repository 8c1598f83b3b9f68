package dev.coracle.scheduler.plugin.dynamicresources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The search beside one that writes down every answer there could be, in order, and takes the first that breaks no rule. */
class SearchPropertyTest {
    private static final int CASES = 2000;
    private static final NodeInfo NODE = new NodeInfo(json("{'metadata':{'name':'here'}}"));

    /** One device for one request: how an answer is written down. */
    private record Entry(int claim, String request, String device) {}

    @Test
    void itFindsTheFirstAnswerThatThereIs() {
        int found = 0;
        for (long seed = 0; seed < CASES; seed++) {
            World world = new World(seed);
            Optional<List<Entry>> plain = world.plain();
            assertThat(world.searched()).as("seed %d: %s", seed, world).isEqualTo(plain);
            found += plain.isPresent() ? 1 : 0;
        }
        assertThat(found).as("the cases are worth something").isBetween(CASES / 4, CASES * 3 / 4);
    }

    private static Unstructured json(String text) {
        return Unstructured.parse(text.replace('\'', '"'));
    }

    private static final class World {
        private final Entropy random;
        private final List<Unstructured> devices = new ArrayList<>();
        private final Set<String> taken = new HashSet<>();
        private final List<Unstructured> claims = new ArrayList<>();

        World(long seed) {
            random = new VirtualEnvironment(seed).environment().entropy();
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                devices.add(json("{'name':'g" + i + "','nodeName':'" + (chance(6) ? "there" : "here")
                        + "','attributes':{'model':{'string':'" + model() + "'}"
                        + (chance(4) ? "" : ",'size':{'int':" + random.nextInt(2) + "}") + "}"
                        + (chance(5) ? ",'taints':[{'key':'k','effect':'NoSchedule'}]" : "") + "}"));
                if (chance(6)) {
                    taken.add("g" + i);
                }
            }
            int many = 1 + random.nextInt(2);
            for (int i = 0; i < many; i++) {
                claims.add(claim(i, many == 1 ? 1 + random.nextInt(2) : 1));
            }
        }

        private boolean chance(int of) {
            return random.nextInt(of) == 0;
        }

        private String model() {
            return random.nextInt(2) == 0 ? "x" : "y";
        }

        private Unstructured claim(int number, int requests) {
            List<String> all = new ArrayList<>();
            for (int r = 0; r < requests; r++) {
                all.add(
                        chance(2)
                                ? "{'name':'r" + r + "','exactly':{" + asked(true) + "}}"
                                : "{'name':'r" + r + "','firstAvailable':[{'name':'a'," + asked(false)
                                        + "},{'name':'b'," + asked(false) + "}]}");
            }
            String of = chance(2) ? "" : "'requests':['" + (chance(2) ? "r0" : "r0/b") + "'],";
            String constraint = chance(2)
                    ? ""
                    : ",'constraints':[{" + of + (chance(2) ? "'matchAttribute'" : "'distinctAttribute'")
                            + ":'d.example/" + (chance(2) ? "model" : "size") + "'}]";
            return json("{'metadata':{'namespace':'n','name':'c" + number + "'},'spec':{'devices':{'requests':["
                    + String.join(",", all) + "]" + constraint + "}}}");
        }

        private String asked(boolean exactly) {
            return "'deviceClassName':'any'"
                    + (chance(4)
                            ? ",'allocationMode':'All'"
                            : ",'allocationMode':'ExactCount','count':" + (1 + random.nextInt(2)))
                    + (chance(2)
                            ? ""
                            : ",'selectors':[{'cel':{'expression':'device.attributes[\\'d.example\\'].model == \\'"
                                            .replace("\\'", "\\\"")
                                    + model() + "\\\"'}}]")
                    + (exactly && chance(5) ? ",'adminAccess':true" : "")
                    + (chance(4) ? ",'tolerations':[{'key':'k','operator':'Exists'}]" : "");
        }

        // ---- the search

        Optional<List<Entry>> searched() {
            Unstructured slice = json("{'metadata':{'name':'s'},'spec':{'driver':'d.example','pool':{'name':'p',"
                    + "'generation':1,'resourceSliceCount':1},'perDeviceNodeSelection':true}}");
            slice.set(devices, "spec", "devices");
            Taken state = new Taken();
            taken.forEach(d -> state.add(
                    json("{'devices':{'results':[{'driver':'d.example','pool':'p','device':'" + d + "'}]}}")));
            Unstructured any = json("{'metadata':{'name':'any'},'spec':{}}");
            var allocator = new Allocator(Pool.of(List.of(Slice.of(slice))), state, new Memo<>());
            List<Ask.Claim> asked = claims.stream()
                    .map(c -> Ask.Claim.of(c, name -> Optional.of(any)))
                    .toList();
            return allocator.allocate(NODE, asked).map(all -> {
                List<Entry> entries = new ArrayList<>();
                for (int c = 0; c < all.size(); c++) {
                    for (Search.Choice choice : all.get(c).devices()) {
                        entries.add(new Entry(
                                c, choice.ask().fullName(), choice.device().id.device()));
                    }
                }
                return entries;
            });
        }

        // ---- the plain one

        /** A way in which a request may be met, by its full name. */
        private record Way(String name, Unstructured asked) {}

        Optional<List<Entry>> plain() {
            return extend(new ArrayList<>(), 0, 0);
        }

        /** Every answer that begins so, in order. */
        private Optional<List<Entry>> extend(List<Entry> answer, int claim, int request) {
            if (claim == claims.size()) {
                return holds(answer) ? Optional.of(answer) : Optional.empty();
            }
            List<Unstructured> requests = claims.get(claim).objects("spec", "devices", "requests");
            if (request == requests.size()) {
                return extend(answer, claim + 1, 0);
            }
            for (Way way : ways(requests.get(request))) {
                for (List<String> set : sets(way.asked)) {
                    List<Entry> longer = new ArrayList<>(answer);
                    set.forEach(d -> longer.add(new Entry(claim, way.name, d)));
                    Optional<List<Entry>> whole = extend(longer, claim, request + 1);
                    if (whole.isPresent()) {
                        return whole;
                    }
                }
            }
            return Optional.empty();
        }

        private static List<Way> ways(Unstructured request) {
            String name = request.string("name");
            if (request.has("exactly")) {
                return List.of(new Way(name, request.object("exactly")));
            }
            return request.objects("firstAvailable").stream()
                    .map(sub -> new Way(name + "/" + sub.string("name"), sub))
                    .toList();
        }

        /** The sets of devices that are as many as are asked for, of those that are here and chosen. */
        private List<List<String>> sets(Unstructured asked) {
            List<String> good = devices.stream()
                    .filter(d -> d.string("nodeName").equals("here"))
                    .filter(d -> asked.objects("selectors").stream()
                            .allMatch(s -> s.string("cel", "expression")
                                    .contains("\"" + d.string("attributes", "model", "string") + "\"")))
                    .map(d -> d.string("name"))
                    .toList();
            if (asked.string("allocationMode").equals("All")) {
                return good.isEmpty() ? List.of() : List.of(good);
            }
            List<List<String>> sets = new ArrayList<>();
            for (int i = 0; i < good.size(); i++) {
                if (asked.integer(1, "count") == 1) {
                    sets.add(List.of(good.get(i)));
                    continue;
                }
                for (int j = i + 1; j < good.size(); j++) {
                    sets.add(List.of(good.get(i), good.get(j)));
                }
            }
            return sets;
        }

        private boolean holds(List<Entry> answer) {
            for (int i = 0; i < answer.size(); i++) {
                Entry e = answer.get(i);
                Unstructured asked = asked(e);
                boolean admin = asked.bool("adminAccess");
                boolean used = answer.subList(0, i).stream()
                        .anyMatch(b -> b.device.equals(e.device) && (!admin || b.claim == e.claim));
                boolean tainted = !device(e).objects("taints").isEmpty()
                        && asked.objects("tolerations").isEmpty();
                if (used || tainted || !admin && taken.contains(e.device)) {
                    return false;
                }
            }
            for (int c = 0; c < claims.size(); c++) {
                for (Unstructured constraint : claims.get(c).objects("spec", "devices", "constraints")) {
                    if (!holds(constraint, c, answer)) {
                        return false;
                    }
                }
            }
            return true;
        }

        private boolean holds(Unstructured constraint, int claim, List<Entry> answer) {
            List<String> requests = constraint.stringList("requests");
            boolean same = constraint.has("matchAttribute");
            String attribute = constraint
                    .string(same ? "matchAttribute" : "distinctAttribute")
                    .replace("d.example/", "");
            List<Object> values = new ArrayList<>();
            for (Entry e : answer) {
                boolean concerned = requests.isEmpty()
                        || requests.contains(e.request)
                        || requests.contains(e.request.replaceAll("/.*", ""));
                if (e.claim == claim && concerned) {
                    values.add(String.valueOf(device(e).get("attributes", attribute)));
                }
            }
            int different = new HashSet<>(values).size();
            return !values.contains("null") && different == (same ? Math.min(1, values.size()) : values.size());
        }

        private Unstructured device(Entry e) {
            return devices.stream()
                    .filter(d -> d.string("name").equals(e.device))
                    .findFirst()
                    .orElseThrow();
        }

        private Unstructured asked(Entry e) {
            return claims.get(e.claim).objects("spec", "devices", "requests").stream()
                    .flatMap(r -> ways(r).stream())
                    .filter(w -> w.name.equals(e.request))
                    .findFirst()
                    .orElseThrow()
                    .asked;
        }

        @Override
        public String toString() {
            return devices + " taken " + taken + " claims " + claims;
        }
    }
}
