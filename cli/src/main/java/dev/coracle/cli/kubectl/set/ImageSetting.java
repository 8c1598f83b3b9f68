package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl set image deployment/web app=app:2 *=x}. */
final class ImageSetting implements Setting {
    @Override
    public String name() {
        return "image";
    }

    @Override
    public String done() {
        return "image updated";
    }

    @Override
    public String[] flags() {
        return new String[] {"selector,l"};
    }

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) {
        List<String> resources = new ArrayList<>();
        Map<String, String> images = new LinkedHashMap<>();
        for (String a : arguments) {
            int equals = a.indexOf('=');
            if (equals > 0) {
                images.put(a.substring(0, equals), a.substring(equals + 1));
            } else {
                resources.add(a);
            }
        }
        if (images.isEmpty()) {
            throw new Failure("at least one image update is required");
        }
        if (images.size() > 1 && images.containsKey("*")) {
            throw new Failure("all containers are already specified by *, but saw more than one container_name="
                    + "container_image pairs");
        }
        return new Wish(resources, o -> change(o, images));
    }

    private static void change(Unstructured object, Map<String, String> images) {
        Unstructured spec = PodSpecs.of(object);
        images.forEach((name, image) -> {
            List<Unstructured> found = PodSpecs.all(spec, name);
            if (found.isEmpty()) {
                throw new Failure("unable to find container named \"" + name + "\"");
            }
            found.forEach(c -> c.set(image, "image"));
        });
    }
}
