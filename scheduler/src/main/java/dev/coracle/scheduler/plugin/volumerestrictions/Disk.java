package dev.coracle.scheduler.plugin.volumerestrictions;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A disk that a pod names itself, without a claim.
 *
 * @param kind the field of the volume that names it
 * @param names by any of which it is the same disk as another of that kind; of an RBD image, one for each of its monitors
 * @param readOnly two pods that only read may share it, except an EBS volume
 */
record Disk(String kind, Set<String> names, boolean readOnly) {
    static List<Disk> of(Unstructured pod) {
        List<Disk> disks = new ArrayList<>();
        for (Unstructured v : pod.objects("spec", "volumes")) {
            if (v.has("gcePersistentDisk")) {
                add(disks, v, "gcePersistentDisk", "pdName");
            }
            if (v.has("awsElasticBlockStore")) {
                disks.add(
                        new Disk("awsElasticBlockStore", Set.of(v.string("awsElasticBlockStore", "volumeID")), false));
            }
            if (v.has("iscsi")) {
                add(disks, v, "iscsi", "iqn");
            }
            if (v.has("rbd")) {
                Unstructured rbd = v.object("rbd");
                Set<String> names = new HashSet<>();
                for (String monitor : rbd.stringList("monitors")) {
                    names.add(monitor + " " + rbd.stringOr("rbd", "pool") + " " + rbd.string("image"));
                }
                disks.add(new Disk("rbd", names, rbd.bool("readOnly")));
            }
        }
        return disks;
    }

    private static void add(List<Disk> disks, Unstructured volume, String kind, String name) {
        disks.add(new Disk(kind, Set.of(volume.string(kind, name)), volume.bool(kind, "readOnly")));
    }

    boolean conflicts(Disk other) {
        return kind.equals(other.kind)
                && !(readOnly && other.readOnly)
                && names.stream().anyMatch(other.names::contains);
    }
}
