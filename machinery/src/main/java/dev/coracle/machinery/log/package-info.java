/**
 * What components say. {@code System.getLogger("coracle.kube-proxy")} gives a
 * {@link dev.coracle.machinery.log.ComponentLogger}, which writes klog's format to the process's error output, and to the
 * component's own {@link dev.coracle.machinery.log.LogFile} once the cluster has attached one; {@code kubectl logs} reads
 * that file as it reads a container's.
 */
@NullMarked
package dev.coracle.machinery.log;

import org.jspecify.annotations.NullMarked;
