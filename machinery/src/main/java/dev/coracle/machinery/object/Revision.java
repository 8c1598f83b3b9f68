package dev.coracle.machinery.object;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One object as it was at one resourceVersion: its canonical JSON, written once and sent as it is to everyone who asks,
 * and a tree that is parsed on first use and then shared.
 *
 * <p>The tree of a large object, some ten times its text, is kept only as long as somebody holds it; what indexes ask for stays.
 * So 500 definitions of 30 KB are 15 MB and not 150, in every revision that a watch may ask for again.
 *
 * <p>Immutable and safe to share between threads. {@link #object()} must only be read.
 */
public final class Revision {
    /** Bytes of text. */
    private static final int LARGE = 16 << 10;

    private final GroupVersionResource resource;
    private final long version;
    /** What this is another version of, and how: it is made when somebody looks, for it may cost a call. */
    private final @Nullable Revision source;

    private final UnaryOperator<Unstructured> convert;
    private volatile byte @Nullable [] json;
    private volatile byte @Nullable [] encoded;
    private volatile @Nullable Unstructured object;
    private volatile @Nullable Reference<Unstructured> large;
    private volatile @Nullable Facts facts;
    private volatile @Nullable Revision other;

    /** Of a large object what is asked for again and again. */
    private record Facts(ObjectKey key, String uid, Map<String, String> labels) {
        static Facts of(Unstructured o) {
            return new Facts(ObjectKey.of(o), o.uid(), Collections.unmodifiableMap(new LinkedHashMap<>(o.labels())));
        }
    }

    /**
     * @param version the store's revision at which this was written; equal to {@code metadata.resourceVersion}
     * @param json the whole object, {@code apiVersion}, {@code kind} and {@code metadata.resourceVersion} included; the
     *     array must not be changed afterwards
     */
    public Revision(GroupVersionResource resource, long version, byte[] json) {
        this.resource = resource;
        this.version = version;
        this.source = null;
        this.convert = o -> o;
        this.json = json;
    }

    private Revision(GroupVersionResource resource, Revision source, UnaryOperator<Unstructured> convert) {
        this.resource = resource;
        this.version = source.version;
        this.source = source;
        this.convert = convert;
    }

    /** For one who has the tree already: it becomes shared and must not be changed afterwards. */
    public Revision(GroupVersionResource resource, long version, byte[] json, Unstructured object) {
        this(resource, version, json);
        keep(object);
    }

    private Revision(GroupVersionResource resource, long version, Unstructured object) {
        this.resource = resource;
        this.version = version;
        this.source = null;
        this.convert = o -> o;
        this.object = object;
    }

    /**
     * For one who has the tree alone: its text is made when somebody first wants it, except of a large object, of which it
     * is the text that is kept.
     *
     * @param object becomes shared and must not be changed afterwards
     * @param length about how many bytes its text has
     */
    public static Revision of(GroupVersionResource resource, long version, Unstructured object, int length) {
        return length < LARGE
                ? new Revision(resource, version, object)
                : new Revision(resource, version, object.json(), object);
    }

    public GroupVersionResource resource() {
        return resource;
    }

    public long version() {
        return version;
    }

    /** Not to be changed. */
    public byte[] json() {
        byte[] known = json;
        if (known == null) {
            known = object().json();
            json = known;
        }
        return known;
    }

    /**
     * The object in the one other encoding there is of it, made when it is first asked for. Not to be changed.
     *
     * @param encoding the same whenever it is asked
     */
    public byte[] encoded(Function<Unstructured, byte[]> encoding) {
        byte[] known = encoded;
        if (known == null) {
            known = encoding.apply(object());
            encoded = known;
        }
        return known;
    }

    /** The whole object, shared: read only. */
    public Unstructured object() {
        Unstructured o = object;
        if (o == null) {
            Reference<Unstructured> held = large;
            o = held == null ? null : held.get();
        }
        if (o == null) {
            // A race parses twice and keeps either; both are equal.
            o = source == null
                    ? Unstructured.parse(Objects.requireNonNull(json))
                    : convert.apply(source.object().copy());
            keep(o);
        }
        return o;
    }

    private void keep(Unstructured o) {
        byte[] text = json;
        if (text == null || text.length < LARGE) {
            object = o;
        } else {
            facts = Facts.of(o);
            large = new WeakReference<>(o);
        }
    }

    private @Nullable Facts facts() {
        Facts known = facts;
        if (known == null && object == null) {
            object();
            known = facts;
        }
        return known;
    }

    /**
     * The same in another version or group; remembered, so that many who watch it there share one encoding.
     *
     * @param convert given a copy that it may change; asked when somebody looks into what is returned, and may refuse then
     */
    public Revision as(GroupVersionResource there, UnaryOperator<Unstructured> convert) {
        Revision known = other;
        if (known == null || !known.resource.equals(there)) {
            known = new Revision(there, this, convert);
            other = known;
        }
        return known;
    }

    public ObjectKey key() {
        if (source != null) {
            return source.key();
        }
        Facts known = facts();
        return known != null ? known.key() : ObjectKey.of(object());
    }

    public String namespace() {
        if (source != null) {
            return source.namespace();
        }
        Facts known = facts();
        return known != null ? known.key().namespace() : object().namespace();
    }

    public String name() {
        if (source != null) {
            return source.name();
        }
        Facts known = facts();
        return known != null ? known.key().name() : object().name();
    }

    public String uid() {
        if (source != null) {
            return source.uid();
        }
        Facts known = facts();
        return known != null ? known.uid() : object().uid();
    }

    public Map<String, String> labels() {
        Facts known = source == null ? facts() : null;
        return known != null ? known.labels() : object().labels();
    }

    public List<OwnerReference> ownerReferences() {
        return object().ownerReferences();
    }

    public boolean isDeleting() {
        return object().isDeleting();
    }

    @Override
    public String toString() {
        return resource.resource() + "/" + key() + "@" + version;
    }
}
