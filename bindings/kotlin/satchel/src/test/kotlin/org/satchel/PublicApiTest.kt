package org.satchel

import org.junit.jupiter.api.Test
import java.io.File

/** The public API is the one in `api/satchel.api`. Accept a change with `-Dapi.update=true`. */
class PublicApiTest {
    @Test
    fun isTheOneWeAgreed() = isAgreed(File("api/satchel.api"), "../ffi/target/classes", "target/classes")
}
