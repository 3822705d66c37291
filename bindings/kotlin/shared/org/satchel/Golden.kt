package org.satchel

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Assertions.assertEquals
import java.io.File

/** What the generator writes for itself. */
private val plumbing =
    setOf(
        "FfiConverter**",
        "ForeignBytes**",
        "RustBuffer**",
        "Uniffi**",
        "Integrity**",
        "Disposable**",
        "*Impl",
        "*Impl.**",
        "NoHandle",
        "PanicButton**",
    ).map { "org.satchel.$it" }
        .toSet()

/** The public API of the classes in these folders, as Kotlin's own ABI tool prints it, is the one that we agreed on. */
fun isAgreed(
    golden: File,
    vararg folders: String,
) {
    val dump = StringBuilder()
    val classes = folders.flatMap { File(it).walk().filter { f -> f.extension == "class" } }
    AbiTools.getInstance().printJvmDump(dump, classes, AbiFilters(emptySet(), plumbing, emptySet(), emptySet()))
    if (System.getProperty("api.update") == "true") golden.writeText(dump.toString())
    assertEquals(golden.readText(), dump.toString())
}
