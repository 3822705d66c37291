import Foundation
import Satchel
import Testing

/// Marked texts go everywhere that a text can go; then everything that may be shown, logged or shared is searched.
@Suite(.timeLimit(.minutes(1))) struct CanaryTests {
    static let mark = "canary7f3a"

    struct Telling: Error, CustomStringConvertible {
        let description = "\(CanaryTests.mark) in an error"
        let quoted = CanaryTests.mark
    }

    final class TellingHost: KeyVault, ServerTrust, @unchecked Sendable {
        private let inner = MemoryVault()
        private let lock = NSLock()
        private var telling = true
        func calm() { lock.withLock { telling = false } }
        private func tell() throws { if lock.withLock({ telling }) { throw Telling() } }

        func load(name: String) throws -> Data? {
            try tell()
            return try inner.load(name: name)
        }

        func store(name: String, secret: Data) throws -> VaultReceipt { try inner.store(name: name, secret: secret) }

        func check(chain: [Data], host: String) throws -> TrustVerdict { throw Telling() }
    }

    @Test func whatIsPersonalIsInNoMessageNoLogAndNoDiagnostics() async throws {
        let (folder, output) = (try Folder(), try Output())
        var shown: [String]
        do {
            shown = try await through(folder)
        } catch {
            _ = output.restore()
            throw error
        }
        shown.append(output.restore())
        #expect(shown.count > 60)
        for text in shown { #expect(!text.lowercased().contains(Self.mark), "\(text.prefix(300))") }
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        #expect(files.contains { $0.hasSuffix(".db") })
        for file in files {
            let bytes = FileManager.default.contents(atPath: folder.path + "/" + file) ?? Data()
            #expect(bytes.range(of: Data(Self.mark.utf8)) == nil, "\(file)")
        }
    }

    /// Everything that was told on the way.
    private func through(_ folder: Folder) async throws -> [String] {
        let (sandbox, verified, host) = (try Sandbox(), try Sandbox("--tls"), TellingHost())
        let mark = Self.mark
        var shown: [String] = []
        func fail(_ call: () async throws -> Void) async throws {
            do {
                try await call()
            } catch {
                shown += ["\(error)", String(reflecting: error), error.localizedDescription, "\(error as NSError)"]
            }
        }
        func open(_ server: Sandbox, _ officer: String = "dara") async throws -> Satchel {
            let here = profile(server.base.absoluteString)
            return try await Satchel.open(root: folder.path, officer: officer, profile: here, vault: host, trust: host)
        }
        try await fail { _ = try await open(sandbox) }
        try await fail { _ = try await Satchel.open(root: folder.path, officer: "x", profile: "{\"\(mark)\":", vault: host) }
        #expect(shown.count == 8)
        host.calm()
        let distrustful = try await open(verified, "sok")
        try await distrustful.signIn(secrets: secrets())
        try await fail { _ = try await distrustful.download() }
        #expect(shown.count == 12)
        let book = try await open(sandbox)
        let marked = secrets(mark, user: mark, password: mark)
        shown += ["\(marked)", String(reflecting: marked), "\(book)", String(reflecting: book), "\(try book.watch())"]
        try await fail { try await book.signIn(secrets: secrets("\(mark)\n")) }
        let id = try await book.add(fields: person("Sok")).id
        for name in wire.keys.sorted() {
            for text in [mark, "\(mark)\0"] {
                try await fail { try await book.edit(id: id, changed: [.text(field: try field(name), text: text)]) }
            }
        }
        _ = try await book.saveDraft(about: .new(form: "f"), form: mark)
        try await fail { _ = try await book.getByCode(code: mark) }
        try await fail { _ = try await book.list(query: ProspectQuery(text: mark, after: mark)) }
        try await book.linkChanged(link: .unmetered)
        // Refused with those secrets, then sent in the open session, with answers lost and unusable.
        for secrets in [marked, secrets()] {
            try await book.signIn(secrets: secrets)
            _ = try await sandbox.put("/_faults", [["kind": "garbage", "times": 1], ["kind": "lost_close", "times": 1]])
            try await fail { _ = try await book.download() }
            shown.append("\(try await book.drain(deadlineMs: 4_000))")
            shown += ["\(try await book.summary())", "\(try await book.health())", "\(try await book.progress())"]
        }
        _ = try await sandbox.delete("/_faults")
        try await fail {
            let receipt = try await book.receipt()
            shown += ["\(receipt)", receipt.json, receipt.text]
        }
        for book in [book, distrustful] { shown.append(try await book.diagnostics()) }
        shown.append("\(try await listBooks(root: folder.path))")
        try await distrustful.shutdown()
        try await book.shutdown()
        try await fail { _ = try await book.get(id: id) }
        return shown
    }

    /// What this process writes to its standard output and error meanwhile; it is written out in the end.
    private struct Output {
        private let (out, err): (Int32, Int32)
        private let file = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-\(UUID().uuidString)").path

        init() throws {
            fflush(nil)
            (out, err) = (dup(1), dup(2))
            let fd = open(file, O_RDWR | O_CREAT | O_APPEND, 0o600)
            guard out >= 0, err >= 0, fd >= 0, dup2(fd, 1) == 1, dup2(fd, 2) == 2 else { throw Wrong("no file for the output") }
            close(fd)
            // Whatever is not seen here would not be seen at all.
            print("it is read")
        }

        func restore() -> String {
            fflush(nil)
            dup2(out, 1)
            dup2(err, 2)
            close(out)
            close(err)
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            try? FileManager.default.removeItem(atPath: file)
            #expect(text.contains("it is read"))
            return text
        }
    }
}
