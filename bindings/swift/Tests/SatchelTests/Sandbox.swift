import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A sandbox of this test's own: the program itself, on a free port of 127.0.0.1. It ends with this object.
final class Sandbox: Sendable {
    let base: URL
    let settings: JSON
    private let process = Process()

    /// Starts it with a lateness of 400 ms and its default officer, `dara`.
    init(_ options: String...) throws {
        guard let program = ProcessInfo.processInfo.environment["SATCHEL_SANDBOX"] else {
            throw Wrong("SATCHEL_SANDBOX does not say where the sandbox is: run `cargo xtask swift test`")
        }
        let out = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--port", "0", "--json", "--lateness-ms", "400"] + (options.isEmpty ? ["--plain"] : options)
        process.standardOutput = out
        // Whoever waits for the end of the tests' own output must not wait for a sandbox that outlives them.
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = out.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Wrong("the sandbox ended before it listened") }
            line += more
        }
        settings = try JSON.read(line)
        guard let text = settings["base_url"].string, let base = URL(string: text) else {
            throw Wrong("the sandbox gave no address")
        }
        self.base = base
    }

    /// The addresses of its collection service, as a profile spells them.
    var collection: [String: JSON] {
        ["tasks_url": settings["collection_tasks"], "result_url": settings["collection_result"]]
    }

    /// The key that its collection service takes.
    var hashKey: String { settings["collection_hash_key"].string ?? "" }

    deinit { if process.isRunning { process.terminate() } }

    func get(_ path: String) async throws -> JSON { try await ask("GET", path, nil) }

    func post(_ path: String, _ body: JSON) async throws -> JSON { try await ask("POST", path, body) }

    func put(_ path: String, _ body: JSON) async throws -> JSON { try await ask("PUT", path, body) }

    func delete(_ path: String) async throws -> JSON { try await ask("DELETE", path, nil) }

    private func ask(_ method: String, _ path: String, _ body: JSON?) async throws -> JSON {
        guard let url = URL(string: path, relativeTo: base) else { throw Wrong("no such route \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body?.data
        let (data, response) = try await URLSession.shared.data(for: request)
        let said = try JSON.read(data)
        guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw Wrong("\(method) \(path): \(said["error"])") }
        return said
    }
}

/// What is wrong with a test or its file, as against what the library says.
struct Wrong: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The folder of the package.
let package = URL(fileURLWithPath: #filePath).pathComponents.dropFirst().dropLast(3).reduce("") { $0 + "/" + $1 }

/// Runs a program of the path to its end and gives what it wrote.
@discardableResult
func run(_ words: [String], in environment: [String: String] = [:]) throws -> Data {
    let (process, out) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = out
    process.standardError = out
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Wrong("\(words[0]): \(process.terminationStatus): \(String(decoding: said, as: UTF8.self).suffix(2_000))")
    }
    return said
}
