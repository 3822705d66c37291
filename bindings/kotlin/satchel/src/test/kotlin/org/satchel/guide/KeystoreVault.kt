package org.satchel.guide

import org.satchel.KeyVault
import org.satchel.VaultException
import org.satchel.VaultReceipt
import java.io.File
import java.io.FileOutputStream
import java.security.GeneralSecurityException
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** Small secrets, each in a file of its own, sealed by a key that never leaves the system. */
class KeystoreVault(
    private val folder: File,
    private val key: SecretKey,
) : KeyVault {
    private fun file(name: String) = File(folder, name.replace('/', '_'))

    override fun load(name: String): ByteArray? {
        val file = file(name)
        if (!file.exists()) return null
        val sealed = file.readBytes()
        try {
            val cipher = Cipher.getInstance("AES/GCM/NoPadding")
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(128, sealed, 0, 12))
            return cipher.doFinal(sealed, 12, sealed.size - 12)
        } catch (gone: GeneralSecurityException) {
            throw VaultException.Lost() // it is there and cannot be opened: never answer "nothing"
        }
    }

    override fun store(
        name: String,
        secret: ByteArray,
    ): VaultReceipt {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }
        val beside = File(folder, "${file(name).name}.new")
        FileOutputStream(beside).use {
            it.write(cipher.iv + cipher.doFinal(secret))
            it.fd.sync()
        }
        check(beside.renameTo(file(name)))
        return VaultReceipt.KEPT
    }
}
