package dev.coracle.runtime.oci;

import dev.coracle.machinery.os.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a machine must have before containers can run on it. */
public final class SystemRequirements {
    private SystemRequirements() {}

    /** One line that says what is missing and how to get it; empty when nothing is. */
    public static Optional<String> missing() {
        List<String> packages = new ArrayList<>();
        if (Programs.find("runc").isEmpty() && Programs.find("crun").isEmpty()) {
            packages.add("runc");
        }
        if (Programs.find("conmon").isEmpty()) {
            packages.add("conmon");
        }
        if (!packages.isEmpty()) {
            return Optional.of("containers need " + String.join(" and ", packages) + ", which "
                    + (packages.size() == 1 ? "is" : "are") + " not installed; run: apt-get install "
                    + String.join(" ", packages));
        }
        if (Processes.uid() != 0) {
            return Optional.of("containers need root; run as root or with sudo");
        }
        return Optional.empty();
    }
}
