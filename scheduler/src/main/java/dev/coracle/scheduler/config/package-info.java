/**
 * Reads a configuration field by field. {@link dev.coracle.scheduler.config.Fields} is one object of it: whoever reads a
 * field names it, says what it is when it is missing and what it may be; what nobody has named in the end is unknown.
 * {@link dev.coracle.scheduler.config.Problems} gathers all that is wrong, each with its path, so that one look at the file
 * is enough to mend it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.config;
