import Foundation
import Satchel

/// What a book can be asked, by the generated protocol.
func methods() throws -> Set<String> {
    let source = try String(contentsOfFile: package + "/Sources/Satchel/Generated/Satchel.swift", encoding: .utf8)
    let body = source.components(separatedBy: "public protocol SatchelProtocol").last?.components(separatedBy: "\n}").first
    let names = (body ?? "").components(separatedBy: "\n    func ").dropFirst().compactMap { $0.split(separator: "(").first }
    guard names.count > 30 else { throw Wrong("the protocol was not found") }
    return Set(names.map(String.init))
}

/// A call of each method that a closed book refuses.
func everyCall(_ id: Int64, _ export: HandOver) -> [(String, @Sendable (any SatchelProtocol) async throws -> Void)] {
    [
        ("add", { _ = try await $0.add(fields: person("X")) }),
        ("edit", { try await $0.edit(id: id, changed: [.clear(field: .village)]) }),
        ("editByCode", { _ = try await $0.editByCode(code: "1-1", changed: [.clear(field: .village)]) }),
        ("reject", { _ = try await $0.reject(id: id) }),
        ("withdraw", { _ = try await $0.withdraw(id: id) }),
        ("get", { _ = try await $0.get(id: id) }),
        ("getByCode", { _ = try await $0.getByCode(code: "1-1") }),
        ("list", { _ = try await $0.list(query: ProspectQuery()) }),
        ("saveDraft", { _ = try await $0.saveDraft(about: .new(form: "f"), form: "{}") }),
        ("draft", { _ = try await $0.draft(about: .new(form: "f")) }),
        ("drafts", { _ = try await $0.drafts(limit: 9) }),
        ("removeDraft", { try await $0.removeDraft(about: .new(form: "f")) }),
        ("standing", { _ = try await $0.standing(id: id) }),
        ("history", { _ = try await $0.history(id: id) }),
        ("asks", { _ = try await $0.asks() }),
        ("decide", { try await $0.decide(questions: [Question(entry: 1, asked: 0)], decision: .drop) }),
        ("resolve", { try await $0.resolve(id: id, asked: 0, choices: [.phone: .mine]) }),
        ("handedOver", { try await $0.handedOver(entries: [1], to: "sok") }),
        ("handOver", { _ = try await $0.handOver() }),
        ("takeOver", { _ = try await $0.takeOver(export: export) }),
        ("origin", { _ = try await $0.origin(id: id) }),
        ("signIn", { try await $0.signIn(secrets: secrets()) }),
        ("signOut", { try await $0.signOut() }),
        ("drain", { _ = try await $0.drain(deadlineMs: 1_000) }),
        ("download", { _ = try await $0.download() }),
        ("pauseRemote", { try await $0.pauseRemote(remote: "prospect", reason: "x") }),
        ("resumeRemote", { try await $0.resumeRemote(remote: "prospect") }),
        ("feed", { _ = try await $0.feed(after: 0, max: 9) }),
        ("summary", { _ = try await $0.summary() }),
        ("waiting", { _ = try await $0.waiting(after: 0, limit: 9) }),
        ("health", { _ = try await $0.health() }),
        ("receipt", { _ = try await $0.receipt() }),
        ("exportUnsent", { _ = try await $0.exportUnsent() }),
        ("diagnostics", { _ = try await $0.diagnostics() }),
        ("pause", { _ = try await $0.pause(graceMs: 1_000) }),
    ]
}
