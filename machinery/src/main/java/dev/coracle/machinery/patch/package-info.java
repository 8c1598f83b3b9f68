/** JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and strategic merge patch. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.patch;
