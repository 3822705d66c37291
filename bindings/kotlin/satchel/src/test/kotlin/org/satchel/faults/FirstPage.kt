package org.satchel.faults

import kotlinx.coroutines.flow.first
import org.satchel.number
import java.io.File
import java.nio.ByteBuffer
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec

/** The first page of a SQLCipher 4 file: opened, changed and sealed again, as its documentation says, without SQLCipher. */
class FirstPage(
    private val file: File,
    secret: ByteArray,
) {
    private val bytes = file.readBytes()
    private val key = SecretKeySpec(secret.copyOf(KEY), "AES")

    fun setUserVersion(version: Int) {
        val iv = IvParameterSpec(bytes.copyOfRange(SEALED, SEALED + IV))
        val plain = aes(Cipher.DECRYPT_MODE, iv)
        ByteBuffer.wrap(plain).putInt(USER_VERSION - SALT, version)
        plain.copyInto(bytes, SALT)
        aes(Cipher.ENCRYPT_MODE, iv).copyInto(bytes, SALT)
        hmac().copyInto(bytes, SEALED + IV)
        file.writeBytes(bytes)
    }

    private fun aes(
        mode: Int,
        iv: IvParameterSpec,
    ): ByteArray = Cipher.getInstance("AES/CBC/NoPadding").apply { init(mode, key, iv) }.doFinal(bytes, SALT, SEALED - SALT)

    /** Over what is sealed, its IV and the page's number. */
    private fun hmac(): ByteArray {
        val salt = ByteArray(SALT) { (bytes[it].toInt() xor HMAC_SALT).toByte() }
        val mac = Mac.getInstance("HmacSHA512")
        mac.init(SecretKeySpec(derived(salt), "HmacSHA512"))
        mac.update(bytes, SALT, SEALED + IV - SALT)
        return mac.doFinal(byteArrayOf(1, 0, 0, 0))
    }

    /** PBKDF2 with two rounds, whose password is the key itself. */
    private fun derived(salt: ByteArray): ByteArray {
        val mac = Mac.getInstance("HmacSHA512").apply { init(SecretKeySpec(key.encoded, "HmacSHA512")) }
        val first = mac.doFinal(salt + byteArrayOf(0, 0, 0, 1))
        val second = mac.doFinal(first)
        return ByteArray(KEY) { (first[it].toInt() xor second[it].toInt()).toByte() }
    }

    private companion object {
        const val KEY = 32
        const val SALT = 16
        const val IV = 16
        const val SEALED = 4096 - 80
        const val HMAC_SALT = 0x3a
        const val USER_VERSION = 60
    }
}
