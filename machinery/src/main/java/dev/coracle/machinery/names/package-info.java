/** What names, labels and addresses look like: the API server asks it of objects, and expressions ask it of texts. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.names;
