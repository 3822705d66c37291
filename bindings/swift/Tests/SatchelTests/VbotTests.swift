import Foundation
import Satchel
import Testing

/// VBot, the whole way: the library, the service, and nothing in between.
@Suite(.timeLimit(.minutes(1))) struct VbotTests {
    private let dara = VbotCustomer(
        name: "Sok Dara", phones: ["012 345 678"], status: "NEW", customerType: "RETAIL", group: "Takeo",
        fields: [VbotCustomField(key: "SHOE", value: "41")])

    /// An open book with VBot, signed in there, that sends.
    private func crm() async throws -> (Sandbox, Satchel, Vbot, Folder) {
        let (sandbox, folder) = (try Sandbox(), try Folder())
        let url = try #require(sandbox.settings["vbot"].string)
        let service = """
            {"vbot":{"base_url":"\(url)","vbot_id":"V","project_code":"P","lateness_ms":400,"transit_ms":300,\
            "connect_ms":3000,"total_ms":1000,"backoff":{"first_ms":20,"most_ms":400}},
            """
        let profile = service + profile(sandbox.base.absoluteString).dropFirst()
        let book = try await Satchel.open(root: folder.path, officer: "dara", profile: profile, vault: MemoryVault())
        let vbot = Vbot(book: book)
        try await vbot.signIn(secrets: VbotSecrets(token: "S-1"))
        try await book.linkChanged(link: .unmetered)
        try await book.resume()
        return (sandbox, book, vbot, folder)
    }

    private func until(_ book: Satchel, _ id: Int64, _ place: Place) async throws {
        for try await standing in book.standings(of: .crmObject(id: id)) where standing.place == place { return }
    }

    @Test func aCustomerIsMadeChangedAndDeleted() async throws {
        let (_, book, vbot, folder) = try await crm()
        let id = try await vbot.create(fields: .customer(customer: dara))
        try await until(book, id, .atBank)
        #expect(try await vbot.object(id: id).fields == .customer(customer: dara))
        try await vbot.update(id: id, fields: .customer(customer: dara))
        try await until(book, id, .atBank)
        try await vbot.delete(id: id)
        try await until(book, id, .rejected)
        #expect(try await vbot.objects(kind: .customer, after: 0, limit: 10).map(\.life) == [.deleted])
        try await book.shutdown()
        withExtendedLifetime(folder) {}
    }

    @Test func aLostCreateIsSettledByItselfAndAWrongFieldIsNamed() async throws {
        let (sandbox, book, vbot, folder) = try await crm()
        _ = try await sandbox.put("/_faults", [["kind": "lost_close", "endpoint": "group/create", "times": 1]])
        let id = try await vbot.create(fields: .group(name: "Takeo", description: ""))
        try await until(book, id, .atBank)
        #expect(try await book.asks() == [])
        let wrong = await failure { try await vbot.create(fields: .status(name: " ")) }
        guard case .InvalidInput("name", .missing, _) = wrong else { throw Wrong("\(String(describing: wrong))") }
        try await book.shutdown()
        withExtendedLifetime(folder) {}
    }
}
