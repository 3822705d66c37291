package org.satchel.child

import org.satchel.KeyVault
import org.satchel.VaultReceipt
import java.io.File
import java.nio.file.Files
import java.nio.file.StandardCopyOption

/** A vault in files, so that a book outlives its process. It protects nothing. */
class FileVault(
    private val folder: File,
) : KeyVault {
    override fun load(name: String): ByteArray? = file(name).takeIf { it.exists() }?.readBytes()

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt {
        folder.mkdirs()
        val beside = File(folder, "${file(name).name}.${ProcessHandle.current().pid()}")
        beside.writeBytes(secret)
        Files.move(beside.toPath(), file(name).toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        return VaultReceipt.KEPT
    }

    private fun file(name: String) = File(folder, name.replace('/', '_'))
}
