import Foundation
import Satchel
import Testing

/// Swift's strings hold no half of a surrogate pair: there is nothing to refuse but what `mended` shows.
@Suite(.timeLimit(.minutes(2))) struct TextTests {
    @Test(arguments: [
        "Sok Dara", "  leading and trailing  ", "សុខ ដារ៉ា", "មី​ណា", "👩🏽‍🌾🇰🇭 e\u{301}é", "\u{202E}right to left \u{200F}",
        "𐍈 beyond the plane", "\u{FEFF}mark", "O'Brien \"; DROP TABLE -- %s \\", "ffi ﬃ ŉ",
    ])
    func whatIsTypedComesBackAsItWasTyped(text: String) async throws {
        let tablet = try await Tablet.alone()
        let changes: [FieldChange] = [.text(field: .nameKh, text: text), .text(field: .comment, text: text + "\nsecond line")]
        let id = try await tablet.book.add(fields: person("Sok") + changes).id
        let prospect = try await tablet.book.get(id: id)
        // By its bytes: Swift takes two spellings of one letter for equal.
        #expect(Array(prospect.text(.nameKh).utf8) == Array(text.utf8))
        #expect(Array(prospect.text(.comment).utf8) == Array((text + "\nsecond line").utf8))
        _ = try await tablet.book.saveDraft(about: .new(form: "f"), form: text)
        #expect(try await tablet.book.draft(about: .new(form: "f")).map { Array($0.form.utf8) } == Array(text.utf8))
    }

    /// Each kind of text in each field: kept as it is, or refused by the field's name and without its text.
    @Test func everyFieldTakesAnyTextOrSaysItsName() async throws {
        let tablet = try await Tablet.alone()
        let id = try await tablet.add("Sok")
        for name in wire.keys.sorted() {
            let field = try field(name)
            for (kind, text) in kinds {
                let error = await failure { try await tablet.book.edit(id: id, changed: [.text(field: field, text: text)]) }
                if kind == "nul" || kind == "long" { #expect(error != nil, "\(name) \(kind)") }
                guard let error else {
                    #expect(Array(try await tablet.book.get(id: id).text(field).utf8) == Array(text.utf8), "\(name) \(kind)")
                    continue
                }
                guard case .InvalidInput(name, _, let expected) = error else {
                    Issue.record("\(name) \(kind): \(error)")
                    continue
                }
                #expect(expected.utf8.count < 100 && !expected.contains("ខ្មែរ"))
            }
        }
        #expect(try await tablet.book.get(id: id).fields[.officerComment] == mended, "the last of the kinds")
    }

    @Test func whatCannotBeTakenSaysWhy() async throws {
        let tablet = try await Tablet.alone()
        func problem(_ field: Field, _ text: String) async -> String? {
            await failure { try await tablet.book.add(fields: person("Sok") + [.text(field: field, text: text)]) }?.errorDescription
        }
        #expect(await problem(.nameKh, "a\0b") == "invalid_input name_kh controlCharacter")
        #expect(await problem(.comment, "a\u{1B}b") == "invalid_input comment controlCharacter")
        #expect(await problem(.comment, long) == "invalid_input comment tooLong")
        #expect(try await tablet.book.summary().unsent == 0, "nothing of it was saved")
    }

    /// Each kind of text wherever else a method takes one: an answer, or an error of the library that does not quote it.
    @Test func everyOtherTextOfTheApiTakesAnyStringToo() async throws {
        let (tablet, folder) = (try await Tablet.alone(), try Folder())
        let id = try await tablet.add("Sok")
        for (name, call) in calls(folder, id) {
            for (kind, text) in kinds {
                do {
                    try await call(tablet.book, text)
                } catch {
                    let said = "\(error) \(error.localizedDescription)"
                    #expect(error is SatchelError && said.utf8.count < 300 && !said.contains("ខ្មែរ"), "\(name) \(kind): \(said.prefix(300))")
                }
            }
        }
        for (_, text) in kinds { #expect(fieldByName(name: text) == nil && civilDateTime(text: text) == nil) }
        for (_, text) in kinds { #expect(throws: SatchelError.self) { try text.toDecimal() } }
        #expect(try await tablet.book.get(id: id).text(.nameEn) == "Sok", "the book works on")
    }

    private typealias Call = @Sendable (Satchel, String) async throws -> Void

    private func calls(_ folder: Folder, _ id: Int64) -> [(String, Call)] {
        let (here, vault) = (profile(nowhere), MemoryVault())
        return [
            ("open root", { _ = try await Satchel.open(root: folder.path + "/" + $1, officer: "sok", profile: here, vault: vault) }),
            ("open officer", { _ = try await Satchel.open(root: folder.path, officer: $1, profile: here, vault: vault) }),
            ("open profile", { _ = try await Satchel.open(root: folder.path, officer: "sok", profile: $1, vault: vault) }),
            ("listBooks", { _ = try await listBooks(root: folder.path + "/" + $1) }),
            ("salvageBook", { _ = try await salvageBook(folder: folder.path + "/" + $1, profile: here, vault: vault) }),
            ("setAsideBook", { _ = try await setAsideBook(root: folder.path, officer: $1, profile: here, vault: vault) }),
            ("getByCode", { _ = try await $0.getByCode(code: $1) }),
            ("editByCode", { _ = try await $0.editByCode(code: $1, changed: []) }),
            ("download", { _ = try await $0.download(code: $1) }),
            ("list text", { _ = try await $0.list(query: ProspectQuery(text: $1)) }),
            ("list status", { _ = try await $0.list(query: ProspectQuery(status: $1)) }),
            ("list village", { _ = try await $0.list(query: ProspectQuery(villagePrefix: $1)) }),
            ("list after", { _ = try await $0.list(query: ProspectQuery(after: $1)) }),
            ("draft", { _ = try await $0.draft(about: .new(form: $1)) }),
            ("saveDraft about", { _ = try await $0.saveDraft(about: .new(form: $1), form: "{}") }),
            ("saveDraft form", { _ = try await $0.saveDraft(about: .new(form: "f"), form: $1) }),
            ("removeDraft", { try await $0.removeDraft(about: .new(form: $1)) }),
            ("pauseRemote", { try await $0.pauseRemote(remote: $1, reason: "x") }),
            ("pauseRemote reason", { try await $0.pauseRemote(remote: "prospect", reason: $1) }),
            ("resumeRemote", { try await $0.resumeRemote(remote: $1) }),
            ("decide", { try await $0.decide(questions: [Question(entry: id, asked: 0)], decision: .arrived(code: $1)) }),
            ("handedOver", { try await $0.handedOver(entries: [1], to: $1) }),
            ("takeOver", { _ = try await $0.takeOver(export: .fromBytes(bytes: Data($1.utf8))) }),
            ("user", { try await $0.signIn(secrets: secrets(user: $1)) }),
            ("password", { try await $0.signIn(secrets: secrets(password: $1)) }),
            ("session", { try await $0.signIn(secrets: secrets($1)) }),
        ]
    }

    /// What Swift makes of half a pair.
    private let mended = String(decoding: [0x0061, 0xD83D, 0x0062] as [UInt16], as: UTF16.self)

    private let long = String(repeating: "ខ្មែរ", count: 10 * 1024 * 1024 / 15 + 1)

    private var kinds: [(String, String)] {
        [("nul", "a\0b"), ("long", long), ("emoji", "👩🏽‍🌾🇰🇭"), ("khmer", "ខ្មែរ"), ("empty", ""), ("mended", mended)]
    }

    @Test func halfOfAPairIsMendedBySwiftItself() {
        #expect(mended == "a\u{FFFD}b" && long.utf8.count >= 10 << 20)
    }
}
