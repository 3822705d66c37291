#if os(Linux)
    import Foundation
    import Testing

    /// The public API, as the compiler tells it, is the one in `api/*.txt`. `SATCHEL_API_UPDATE=true` accepts a change.
    @Suite struct ApiTests {
        /// UniFFI's own and the tests', of which nothing is for apps. (What UniFFI marks as private does not come at all.)
        private static let plumbing = ["uniffi", "FfiConverter", "RustBuffer", "KeyVaultImpl", "ServerTrustImpl", "PanicButton"]

        /// These every type has; which of them are told depends on the compiler.
        private static let everybodys: Set = ["Copyable", "Escapable", "BitwiseCopyable", "SendableMetatype"]

        @Test(arguments: ["Satchel", "SatchelTesting"]) func thePublicApiIsTheOneWeAgreed(module: String) throws {
            let golden = package + "/api/\(module).txt"
            let api = try declarations(module).joined(separator: "\n") + "\n"
            if ProcessInfo.processInfo.environment["SATCHEL_API_UPDATE"] == "true" {
                try api.write(toFile: golden, atomically: true, encoding: .utf8)
            }
            let agreed = try String(contentsOfFile: golden, encoding: .utf8)
            let (now, then) = (Set(api.split(separator: "\n")), Set(agreed.split(separator: "\n")))
            for gone in then.subtracting(now).sorted() { Issue.record("no longer there: \(gone)") }
            for new in now.subtracting(then).sorted() { Issue.record("not agreed: \(new)") }
            #expect(api == agreed && now.count > 10)
        }

        /// One line for each public symbol: its place, and how it is declared.
        private func declarations(_ module: String) throws -> [String] {
            let graphs = try graphs(module)
            let symbols = graphs.flatMap(\.symbols)
            let conforming = conformances(graphs.flatMap(\.relationships), symbols)
            let lines = symbols.compactMap { symbol -> String? in
                let place = symbol.pathComponents.joined(separator: ".")
                guard !Self.plumbing.contains(where: { place.hasPrefix($0) }) else { return nil }
                let said = symbol.declarationFragments.map(\.spelling).joined()
                let also = conforming[symbol.identifier.precise].map { ": " + $0.sorted().joined(separator: ", ") }
                return "\(place) | \(said)\(also ?? "")"
            }
            return lines.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        }

        private func conformances(_ relationships: [Graph.Relationship], _ symbols: [Graph.Symbol]) -> [String: Set<String>] {
            let pairs = symbols.map { ($0.identifier.precise, $0.pathComponents.joined(separator: ".")) }
            let own = Dictionary(pairs, uniquingKeysWith: { $1 })
            return relationships.reduce(into: [:]) { all, one in
                guard one.kind == "conformsTo", let name = own[one.target] ?? one.targetFallback else { return }
                let bare = name.split(separator: ".").last.map(String.init) ?? name
                if !Self.everybodys.contains(bare) { all[one.source, default: []].insert(bare) }
            }
        }

        /// The module's own symbols, and those that it adds to other modules' types.
        private func graphs(_ module: String) throws -> [Graph] {
            let out = try Folder()
            let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
            let here = try JSON.read(try run(["swiftc", "-print-target-info"]))["target"]["unversionedTriple"].string ?? ""
            try run([
                "swift-symbolgraph-extract", "-module-name", module, "-I", built + "/Modules", "-I",
                package + "/Sources/SatchelFFI", "-target", here, "-minimum-access-level", "public",
                "-skip-synthesized-members", "-output-dir", out.path,
            ])
            let files = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
            return try files.map { file in
                try JSONDecoder().decode(Graph.self, from: try Data(contentsOf: URL(fileURLWithPath: out.path + "/" + file)))
            }
        }

        /// What is read of the compiler's symbol graph.
        private struct Graph: Decodable {
            let symbols: [Symbol]
            let relationships: [Relationship]

            struct Symbol: Decodable {
                let identifier: Identifier
                let pathComponents: [String]
                let declarationFragments: [Fragment]
            }

            struct Identifier: Decodable { let precise: String }

            struct Fragment: Decodable { let spelling: String }

            struct Relationship: Decodable {
                let kind: String
                let source: String
                let target: String
                let targetFallback: String?
            }
        }
    }
#endif
