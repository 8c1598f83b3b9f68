package dev.coracle.store.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library, unpacked once into a directory of ours. RocksDB itself unpacks it at every start into the
 * machine's directory for temporary files, and a killed process leaves it there.
 */
final class NativeLibrary {
    private NativeLibrary() {}

    /** Where the launcher has it, or somebody's package. */
    private static boolean onLibraryPath(String name) {
        return Stream.of(System.getProperty("java.library.path", "").split(File.pathSeparator))
                .anyMatch(d -> !d.isEmpty() && Files.isRegularFile(Path.of(d, name)));
    }

    /** @throws IOException when it cannot be unpacked */
    static void load(Path directory) throws IOException {
        String name = Environment.getJniLibraryFileName("rocksdb");
        URL packed = RocksDB.class.getClassLoader().getResource(name);
        if (packed == null || onLibraryPath(name)) {
            RocksDB.loadLibrary();
            return;
        }
        // By this name RocksDB looks for it in a directory.
        Path unpacked = directory.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
        var connection = packed.openConnection();
        connection.setUseCaches(false);
        long size = connection.getContentLengthLong();
        if (!Files.isRegularFile(unpacked) || Files.size(unpacked) != size) {
            Files.createDirectories(directory);
            Path part = Files.createTempFile(directory, name, ".part");
            try (InputStream in = connection.getInputStream()) {
                Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
                // Its size is all that is looked at next time: so it must be whole before it has its name.
                try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    file.force(true);
                }
                Files.move(part, unpacked, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        }
        RocksDB.loadLibrary(List.of(directory.toString()));
    }
}
