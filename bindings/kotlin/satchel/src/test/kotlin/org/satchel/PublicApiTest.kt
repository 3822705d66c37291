package org.satchel

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

/** The public API, as Kotlin's own ABI tool prints it, is the one in `api/satchel.api`. Accept a change with `-Dapi.update=true`. */
class PublicApiTest {
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
        ).map { "org.satchel.$it" }
            .toSet()

    @Test
    fun isTheOneWeAgreed() {
        val dump = StringBuilder()
        AbiTools.getInstance().printJvmDump(
            dump,
            listOf("../ffi/target/classes", "target/classes").flatMap { File(it).walk().filter { f -> f.extension == "class" } },
            AbiFilters(emptySet(), plumbing, emptySet(), emptySet()),
        )
        val golden = File("api/satchel.api")
        if (System.getProperty("api.update") == "true") golden.writeText(dump.toString())
        assertEquals(golden.readText(), dump.toString())
    }
}
