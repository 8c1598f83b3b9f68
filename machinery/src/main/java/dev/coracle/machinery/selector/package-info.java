/** Label and field selectors, and which nodes a pod selects. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.selector;
