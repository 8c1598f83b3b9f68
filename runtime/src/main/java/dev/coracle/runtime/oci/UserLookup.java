package dev.coracle.runtime.oci;

import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.SecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * Who a container's process is, decided as containerd does: the pod's {@code runAsUser} or else the image's user, looked
 * up in the image's own {@code /etc/passwd} and {@code /etc/group}.
 */
record UserLookup(long uid, long gid, List<Long> groups) {

    static UserLookup of(Path rootfs, String imageUser, SecurityContext security) throws IOException {
        List<String[]> passwd = table(rootfs, "etc/passwd", 7);
        String user = security.runAsUser() != null ? String.valueOf(security.runAsUser()) : imageUser;
        String group = "";
        int colon = user.indexOf(':');
        if (colon >= 0) {
            group = user.substring(colon + 1);
            user = user.substring(0, colon);
        }
        String wanted = user.isEmpty() ? "0" : user;
        String[] row = passwd.stream()
                .filter(r -> r[0].equals(wanted) || r[2].equals(wanted))
                .findFirst()
                .orElse(null);
        if (row == null && !numeric(wanted)) {
            throw new CriException("unable to find user " + wanted + ": no matching entries in passwd file");
        }
        long uid = row == null ? Long.parseLong(wanted) : number(row[2]);
        long gid = row == null ? 0 : number(row[3]);
        TreeSet<Long> groups = new TreeSet<>(security.supplementalGroups());
        List<String[]> groupTable = table(rootfs, "etc/group", 4);
        if (!group.isEmpty()) {
            gid = group(groupTable, group);
        } else if (row != null) {
            for (String[] g : groupTable) {
                if (List.of(g[3].split(",")).contains(row[0])) {
                    groups.add(number(g[2]));
                }
            }
        }
        if (security.runAsGroup() != null) {
            gid = security.runAsGroup();
        }
        groups.add(gid);
        return new UserLookup(uid, gid, List.copyOf(groups));
    }

    private static long group(List<String[]> table, String name) {
        for (String[] g : table) {
            if (g[0].equals(name)) {
                return number(g[2]);
            }
        }
        if (numeric(name)) {
            return Long.parseLong(name);
        }
        throw new CriException("unable to find group " + name + ": no matching entries in group file");
    }

    private static List<String[]> table(Path rootfs, String file, int columns) throws IOException {
        Path path = RootedPath.resolve(rootfs, Path.of(file));
        if (!Files.isRegularFile(path) || Files.size(path) > 1 << 20) {
            return List.of();
        }
        return Files.readAllLines(path, java.nio.charset.StandardCharsets.ISO_8859_1).stream()
                .map(line -> line.split(":", -1))
                .filter(r -> r.length >= columns && numeric(r[2]))
                .toList();
    }

    private static long number(String s) {
        return numeric(s) ? Long.parseLong(s) : 0;
    }

    private static boolean numeric(String s) {
        return !s.isEmpty() && s.length() < 11 && s.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
