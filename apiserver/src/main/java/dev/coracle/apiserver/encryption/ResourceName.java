package dev.coracle.apiserver.encryption;

/**
 * What a rule is for, as it is written: {@code secrets}, {@code deployments.apps}, {@code *.apps} for a group, {@code *.}
 * for the core group, {@code *.*} for all.
 */
record ResourceName(String resource, String group) {
    static final ResourceName ALL = new ResourceName("*", "*");

    static ResourceName of(String text) {
        int dot = text.indexOf('.');
        return dot < 0 ? new ResourceName(text, "") : new ResourceName(text.substring(0, dot), text.substring(dot + 1));
    }

    ResourceName wholeGroup() {
        return new ResourceName("*", group);
    }

    boolean isAny() {
        return resource.equals("*");
    }

    @Override
    public String toString() {
        return group.isEmpty() ? (isAny() ? "*." : resource) : resource + "." + group;
    }
}
