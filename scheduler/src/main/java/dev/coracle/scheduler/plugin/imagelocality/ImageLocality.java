package dev.coracle.scheduler.plugin.imagelocality;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Tally;
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

    private final Memo<List<String>, Spread> spreads = new Memo<>();

    @Override
    public String name() {
        return "ImageLocality";
    }

    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        List<String> images = images(cycle.pod());
        List<NodeInfo> nodes = cycle.snapshot().nodes();
        Map<String, Integer> spread = spreads.of(images, Spread::new).over(cycle.snapshot());
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

    /** It counts, too, how many nodes have an image. */
    @Override
    public boolean isLocal() {
        return false;
    }

    /** How many nodes have each of some images. */
    private static final class Spread extends Tally {
        private final List<String> images;
        private final Map<String, Integer> counts = new HashMap<>();

        Spread(List<String> images) {
            this.images = images;
        }

        Map<String, Integer> over(Snapshot snapshot) {
            follow(snapshot);
            return counts;
        }

        @Override
        protected void clear() {
            counts.clear();
        }

        @Override
        protected void count(NodeInfo node, int sign) {
            for (String image : images) {
                if (node.images().containsKey(image)) {
                    counts.merge(image, sign, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b));
                }
            }
        }
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
