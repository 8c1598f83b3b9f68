package dev.coracle.machinery.cel;

import com.google.re2j.Pattern;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;

/** Upstream's {@code kubernetes.Image}. */
final class ImageFunctions {
    private static final CelType IMAGE = OpaqueType.create("kubernetes.Image");
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;

    /**
     * A reference as {@code github.com/google/go-containerregistry/pkg/name} reads it: {@code nginx} is
     * {@code index.docker.io}, {@code library/nginx}, {@code latest}. Where there is a digest there is no tag.
     */
    record Image(String registry, String repository, String tag, String digest) {
        private static final String HUB = "index.docker.io";
        private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_.-]{1,127}");
        private static final Pattern REPOSITORY = Pattern.compile("[a-z0-9_./-]{2,255}");
        private static final Pattern REGISTRY =
                Pattern.compile("(?:[A-Za-z0-9._~-]+|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]*)?");
        private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

        static Image parse(String text) {
            int at = text.indexOf('@');
            String digest = at < 0 ? "" : text.substring(at + 1);
            String base = at < 0 ? text : text.substring(0, at);
            if (at >= 0 && !DIGEST.matches(digest)) {
                throw wrong(text);
            }
            int colon = base.lastIndexOf(':');
            boolean tagged = colon >= 0 && base.indexOf('/', colon) < 0;
            String tag = tagged ? base.substring(colon + 1) : "";
            String name = tagged ? base.substring(0, colon) : base;
            if (!tag.isEmpty() && !TAG.matches(tag)) {
                throw wrong(text);
            }
            int slash = name.indexOf('/');
            String first = slash < 0 ? "" : name.substring(0, slash);
            boolean hosted = first.contains(".") || first.contains(":");
            String registry = hosted ? first : HUB;
            String repository = hosted ? name.substring(slash + 1) : name;
            if (!REPOSITORY.matches(repository) || !REGISTRY.matches(registry)) {
                throw wrong(text);
            }
            registry = registry.equals("docker.io") ? HUB : registry;
            boolean official = registry.equals(HUB) && !repository.contains("/");
            return new Image(
                    registry,
                    official ? "library/" + repository : repository,
                    !digest.isEmpty() ? "" : tag.isEmpty() ? "latest" : tag,
                    digest);
        }

        private static IllegalArgumentException wrong(String text) {
            return new IllegalArgumentException("could not parse reference: " + text);
        }

        String identifier() {
            return digest.isEmpty() ? tag : digest;
        }
    }

    private ImageFunctions() {}

    static void addTo(Functions f) {
        f.global("isImage", "is_image_string", BOOL, TEXT, String.class, ImageFunctions::is)
                .global("image", "string_to_image", IMAGE, TEXT, String.class, Image::parse)
                .member(
                        "containsDigest",
                        "image_contains_digest",
                        BOOL,
                        IMAGE,
                        Image.class,
                        i -> !i.digest().isEmpty())
                .member("registry", "image_registry", TEXT, IMAGE, Image.class, Image::registry)
                .member("repository", "image_repository", TEXT, IMAGE, Image.class, Image::repository)
                .member("identifier", "image_identifier", TEXT, IMAGE, Image.class, Image::identifier)
                .member("tag", "image_tag", TEXT, IMAGE, Image.class, Image::tag)
                .member("digest", "image_digest", TEXT, IMAGE, Image.class, Image::digest);
    }

    private static boolean is(String text) {
        try {
            Image.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
