import Foundation
import Testing

/// The first hour, by the guide's own words: its blocks are the files of an empty package beside this one. It lies where the
/// tests are built, so that this package is not compiled for it each time, and goes when they are built anew.
@Suite(.timeLimit(.minutes(5))) struct GuideTests {
    @Test func anEmptyPackageSavesItsFirstProspects() async throws {
        let (folder, sandbox) = (try Folder(), try Sandbox())
        let home = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/first-hour"
        let first = home + "/First"
        for old in [home + "/Satchel", first + "/Sources"] { try? FileManager.default.removeItem(atPath: old) }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: home + "/Satchel", withDestinationPath: package)
        let guide = try String(contentsOfFile: package + "/GUIDE.md", encoding: .utf8)
        for (name, text) in try files(guide) {
            let file = URL(fileURLWithPath: first + "/" + name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let library = try library()
        let link = ["-L" + library, "-rpath", library].flatMap { ["-Xlinker", $0] }
        try run(["swift", "build", "--package-path", first, "-j", "2", "--disable-index-store"] + link)
        let said = try lines([first + "/.build/debug/First", sandbox.base.absoluteString])
        #expect(Array(said.prefix(2)) == ["Saved as 1", "Please correct phone"])
        #expect(Array(said.suffix(4)) == ["The bank has it", "Saved as 2", "0 unsent", said.last ?? ""])
        #expect(said.last?.hasSuffix(" changed") == true)
        #expect(try await sandbox.get("/_ledger").items?.count { $0["kind"] == "create" } == 2)
        try preview(first + "/.build/debug/Preview", folder)
    }

    /// In place of the library stands one whose every function ends the process.
    private func preview(_ program: String, _ folder: Folder) throws {
        let said = ["Chan Bopha inDoubt", "Sok Dara onTablet", "Sok Dara atBank", "full, once", "waitsForSignIn", "atBank", "4 questions", "PUTRA MOROWALI SEJAHTERA 26435641"]
        #expect(Set(said).subtracting(try lines([program])) == [])
        #if os(Linux)
            let header = try String(contentsOfFile: package + "/Sources/SatchelFFI/SatchelFFI.h", encoding: .utf8)
            let names = Set(header.matches(of: /\b((uniffi|ffi)_satchel_ffi_\w+)\(/).map { String($0.1) })
            let traps = names.sorted().map { "void \($0)(void) { __builtin_trap(); }" }.joined(separator: "\n")
            try traps.write(toFile: folder.path + "/traps.c", atomically: true, encoding: .utf8)
            try run(["clang", "-shared", "-fPIC", "-nostdlib", "-o", folder.path + "/libsatchel_ffi.so", folder.path + "/traps.c"])
            #expect(names.count > 100)
            let trapped = ["LD_LIBRARY_PATH": folder.path]
            #expect(Set(said).subtracting(try lines([program], in: trapped)) == [])
            let real = program.replacingOccurrences(of: "Preview", with: "First")
            #expect(throws: Wrong.self, "it is in the library's place") { try run([real, "http://127.0.0.1:9/api/"], in: trapped) }
        #endif
    }

    private func lines(_ words: [String], in environment: [String: String] = [:]) throws -> [String] {
        String(decoding: try run(words, in: environment), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The guide's blocks of Swift, each with the name in its first line.
    private func files(_ guide: String) throws -> [(String, String)] {
        let blocks = guide.components(separatedBy: "\n```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] + "\n" }
        #expect(blocks.count == 11)
        return try blocks.map { block in
            if block.hasPrefix("// swift-tools-version") { return ("Package.swift", block) }
            guard let name = block.firstMatch(of: /^\/\/ (Sources\/\S+\.swift)\n/) else { throw Wrong("a block names no file: \(block.prefix(80))") }
            return (String(name.1), block)
        }
    }

    /// Where the library lies that this process has loaded.
    private func library() throws -> String {
        guard let sandbox = ProcessInfo.processInfo.environment["SATCHEL_SANDBOX"] else { throw Wrong("SATCHEL_SANDBOX is not set") }
        return URL(fileURLWithPath: sandbox).deletingLastPathComponent().path
    }
}
