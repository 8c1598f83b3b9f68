package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl set resources deployment/web -c app --limits=cpu=1,memory=1Gi}. */
final class ResourcesSetting implements Setting {
    @Override
    public String name() {
        return "resources";
    }

    @Override
    public String done() {
        return "resource requirements updated";
    }

    @Override
    public String[] flags() {
        return new String[] {"selector,l", "containers,c", "limits", "requests"};
    }

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) {
        if (line.get("limits").isEmpty() && line.get("requests").isEmpty()) {
            throw new Failure("you must specify an update to requests or limits (in the form of --requests/--limits)");
        }
        Map<String, String> limits = quantities(line.get("limits"));
        Map<String, String> requests = quantities(line.get("requests"));
        String containers = line.get("containers", "*");
        return new Wish(arguments, o -> {
            List<Unstructured> found = PodSpecs.all(PodSpecs.of(o), containers);
            if (found.isEmpty()) {
                throw new Failure("unable to find container named " + containers);
            }
            found.forEach(c -> {
                set(c, "limits", limits);
                set(c, "requests", requests);
            });
        });
    }

    private static void set(Unstructured container, String field, Map<String, String> quantities) {
        quantities.forEach((resource, amount) -> container.set(amount, "resources", field, resource));
    }

    private static Map<String, String> quantities(String text) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] parts = pair.split("=", -1);
            if (parts.length != 2) {
                throw new Failure("Invalid argument syntax " + pair + ", expected <resource>=<value>");
            }
            try {
                found.put(parts[0], Quantity.parse(parts[1]).toString());
            } catch (IllegalArgumentException e) {
                throw new Failure("quantities must match the regular expression"
                        + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
            }
        }
        return found;
    }
}
