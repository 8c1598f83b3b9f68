package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.machinery.object.Unstructured;

/**
 * What a policy changes in an object.
 *
 * @param patches whether the program makes a JSON patch; else what is to be merged
 */
record Change(boolean patches, Expressions.Program program) {
    static Change of(Unstructured mutation, Languages languages) {
        Expressions language = languages.rules();
        return mutation.string("patchType").equals("JSONPatch")
                ? new Change(true, Policy.compiled(language::patches, mutation.string("jsonPatch", "expression")))
                : new Change(
                        false, Policy.compiled(language::object, mutation.string("applyConfiguration", "expression")));
    }
}
