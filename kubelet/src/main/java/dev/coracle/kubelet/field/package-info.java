/** What {@code fieldRef} and {@code resourceFieldRef} stand for, in environments and downward API volumes alike. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.field;
