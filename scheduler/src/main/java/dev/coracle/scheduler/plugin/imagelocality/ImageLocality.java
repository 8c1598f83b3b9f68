package dev.coracle.scheduler.plugin.imagelocality;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of a pod's images that a node has already; between 23 MiB, which are not worth it, and 1000 MiB for
 * each container. An image that few nodes have counts less, so that its pods do not all crowd there.
 */
public final class ImageLocality implements Plugin.Scores {
    private static final long FEW = 23L << 20;
    private static final long MANY_PER_CONTAINER = 1000L << 20;

    @Override
    public String name() {
        return "ImageLocality";
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        List<String> images = images(cycle.pod());
        List<NodeInfo> nodes = cycle.snapshot().nodes();
        Map<String, Integer> spread = new HashMap<>();
        for (NodeInfo n : nodes) {
            for (String image : images) {
                if (n.images().containsKey(image)) {
                    spread.merge(image, 1, Integer::sum);
                }
            }
        }
        if (spread.isEmpty()) {
            return null;
        }
        long most = MANY_PER_CONTAINER * images.size();
        return node -> {
            long bytes = 0;
            for (String image : images) {
                Long size = node.images().get(image);
                if (size != null) {
                    bytes += (long) (size * ((double) spread.getOrDefault(image, 0) / nodes.size()));
                }
            }
            return NodeScore.MAX * (Math.clamp(bytes, FEW, most) - FEW) / (most - FEW);
        };
    }

    private static List<String> images(PodInfo pod) {
        List<String> images = new ArrayList<>();
        for (String kind : new String[] {"initContainers", "containers"}) {
            for (Unstructured c : pod.pod().objects("spec", kind)) {
                String image = c.string("image");
                boolean tagged = image.lastIndexOf(':') > image.lastIndexOf('/') || image.contains("@");
                images.add(tagged ? image : image + ":latest");
            }
        }
        return images;
    }
}
