import Foundation
import Satchel
import Testing

@Suite struct TextTests {
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

    @Test func whatCannotBeTakenNamesItsField() async throws {
        let tablet = try await Tablet.alone()
        func problem(_ field: Field, _ text: String) async -> String? {
            await failure { try await tablet.book.add(fields: person("Sok") + [.text(field: field, text: text)]) }?.errorDescription
        }
        #expect(await problem(.nameKh, "a\0b") == "invalid_input name_kh controlCharacter")
        #expect(await problem(.comment, "a\u{1B}b") == "invalid_input comment controlCharacter")
        let long = String(repeating: "ខ្មែរ", count: 10 * 1024 * 1024 / 15)
        #expect(long.utf8.count > 9_000_000)
        #expect(await problem(.comment, long) == "invalid_input comment tooLong")
        #expect(await failure { try await tablet.book.saveDraft(about: .new(form: "f"), form: long) }?.code == "invalid_input")
        #expect(await failure { try await tablet.book.list(query: ProspectQuery(text: long)) }?.code == "invalid_input")
        #expect(try await tablet.book.summary().unsent == 0, "nothing of it was saved")
    }

    @Test func theOtherTextsOfTheApiTakeAnyStringToo() async throws {
        let tablet = try await Tablet.alone()
        for odd in ["a\0b", "👩🏽‍🌾", ""] {
            #expect(await failure { try await tablet.book.getByCode(code: odd) } != nil)
            #expect(fieldByName(name: odd) == nil && civilDateTime(text: odd) == nil)
        }
        #expect(await failure { try await Satchel.open(root: "/\0", officer: "dara", profile: profile(nowhere), vault: MemoryVault()) } != nil)
    }
}
