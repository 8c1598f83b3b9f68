/**
 * Go's {@code text/template} as far as one uses it on objects: {@code -o go-template}.
 *
 * <pre>
 * {{range .items}}{{.metadata.name}}{{"\n"}}{{end}}
 * </pre>
 *
 * {@link dev.coracle.cli.kubectl.template.Lexer} makes {@link dev.coracle.cli.kubectl.template.Token}s of it,
 * {@link dev.coracle.cli.kubectl.template.Parser} a tree of {@link dev.coracle.cli.kubectl.template.Node}s,
 * {@link dev.coracle.cli.kubectl.template.Execution} walks the tree and writes; {@link
 * dev.coracle.cli.kubectl.template.Functions} are what it may call, and {@link dev.coracle.cli.kubectl.template.GoText} is
 * how Go writes values. What fails says so in Go's words, with the place. There is no {@code define}, {@code template},
 * {@code block}, {@code call} and {@code js}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.template;
