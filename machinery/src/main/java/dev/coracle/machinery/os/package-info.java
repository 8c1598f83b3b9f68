/**
 * The few Linux system calls that the JDK does not offer, made through the foreign-function API: namespaces, mounts,
 * pseudo-terminals, sockets of odd kinds, ownership and devices for unpacked images, and names looked up below an open
 * directory ({@link dev.coracle.machinery.os.OpenPath}), which is how to touch what a container may write to.
 *
 * <p>Read {@link dev.coracle.machinery.os.Namespaces} first. Everything goes through one native handle, libc's
 * {@code syscall}, so that start-up pays for a single downcall stub; the numbers are in {@code Call}. A failure is an
 * {@link dev.coracle.machinery.os.ErrnoException} that carries the error number.
 *
 * <p>This is the one package besides {@code env} that makes threads: a namespace belongs to a kernel thread, so work
 * inside one needs a platform thread that is thrown away afterwards, and a blocking read of a raw descriptor must not
 * occupy a carrier of virtual threads.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.os;
