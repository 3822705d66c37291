package org.satchel.faults

import kotlinx.coroutines.flow.first
import org.satchel.Tablet
import org.satchel.until
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.URI
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/** Sets one fault that the next upload meets. */
fun Tablet.once(
    kind: String,
    more: String = "",
) = sandbox.faults("""{"kind":"$kind"$more,"endpoint":"ProspectAddV2","times":1}""")

/** Where nobody listens. */
fun nobody(): String = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { "http://127.0.0.1:${it.localPort}/api/" }

/** Somebody who listens and is not the bank: counts who calls, and hangs up. */
class Elsewhere : AutoCloseable {
    private val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val calls = AtomicInteger()
    val url = "http://127.0.0.1:${server.localPort}/login"

    init {
        serving(server) { socket -> socket.use { calls.incrementAndGet() } }
    }

    override fun close() = server.close()
}

/** The way between a tablet and its bank: carries bytes on, until it is told to break. */
class Line(
    bank: String,
) : AutoCloseable {
    private val to = URI(bank)
    private val server =
        ServerSocket().apply {
            receiveBufferSize = ON_ITS_WAY
            bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        }

    /** Of each upload to come: after so many of its bytes, head included, or with its last one, the connection is reset. */
    val breaks = ConcurrentLinkedQueue<Int>()
    val url = "http://127.0.0.1:${server.localPort}/api/"

    init {
        serving(server, ::carry)
    }

    private fun carry(tablet: Socket) {
        val first = ByteArray(FIRST)
        val n = tablet.inputStream.read(first)
        val start = if (n > 0) String(first, 0, n, Charsets.ISO_8859_1) else return tablet.close()
        val broken = if (start.startsWith("POST /api/ProspectAddV2")) breaks.poll() else null
        if (broken != null) return take(tablet, StringBuilder(start), broken)
        Socket(to.host, to.port).use { bank ->
            bank.outputStream.write(first, 0, n)
            val back = thread(isDaemon = true) { runCatching { bank.inputStream.copyTo(tablet.outputStream) }.also { tablet.close() } }
            runCatching { tablet.inputStream.copyTo(bank.outputStream) }
            back.join()
        }
    }

    private fun take(
        tablet: Socket,
        taken: StringBuilder,
        most: Int,
    ) {
        val some = ByteArray(1024)
        while (taken.length < most && !whole(taken)) {
            val n = tablet.inputStream.read(some)
            if (n < 0) break
            taken.append(String(some, 0, n, Charsets.ISO_8859_1))
        }
        tablet.setSoLinger(true, 0) // a reset
        tablet.close()
    }

    private fun whole(request: CharSequence): Boolean {
        val end = request.indexOf("\r\n\r\n")
        val length = Regex("content-length: *([0-9]+)", RegexOption.IGNORE_CASE).find(request)?.groupValues?.get(1)
        return end >= 0 && request.length - end - HEAD_END >= (length?.toInt() ?: 0)
    }

    override fun close() = server.close()

    companion object {
        const val WITH_ITS_LAST = Int.MAX_VALUE

        /** Small, so that a break within a request is one within what the tablet has handed over. */
        private const val ON_ITS_WAY = 8 shl 10
        private const val FIRST = 512
        private const val HEAD_END = 4
    }
}

/** Each connection on a thread of its own; an error is somebody's leaving: that is what is tested. */
private fun serving(
    server: ServerSocket,
    serve: (Socket) -> Unit,
) {
    thread(isDaemon = true) {
        runCatching {
            while (true) {
                val socket = server.accept()
                thread(isDaemon = true) { runCatching { serve(socket) } }
            }
        }
    }
}
