package org.satchel.testing

import org.junit.jupiter.api.Test
import org.satchel.isAgreed
import java.io.File

/** The public API is the one in `api/satchel-testing.api`. Accept a change with `-Dapi.update=true`. */
class PublicApiTest {
    @Test
    fun isTheOneWeAgreed() = isAgreed(File("api/satchel-testing.api"), "target/classes")
}
