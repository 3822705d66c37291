import Foundation
import Satchel
import Testing

@Suite struct CivilTests {
    @Test(arguments: ["2021-02-09", "0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29"])
    func aDayIsItsText(text: String) throws {
        let day = try #require(CivilDate(text))
        #expect(day.description == text)
        #expect(CivilDate(day.components) == day)
        #expect(try JSONDecoder().decode([CivilDate].self, from: JSONEncoder().encode([day])) == [day])
    }

    @Test(arguments: [
        "", "2021-2-9", "2021-02-30", "2023-02-29", "1900-02-29", "0000-01-01", "2021-13-01", "2021-00-01", "2021-02-00",
        "-021-02-09", "2021-02-09 ", "2021/02/09", "២០២១-02-09", "2021-02-09T00:00:00",
    ])
    func whatIsNoDayIsNone(text: String) {
        #expect(CivilDate(text) == nil)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([CivilDate].self, from: JSONEncoder().encode([text])) }
    }

    @Test func aDateTimeIsItsText() throws {
        let at = try #require(CivilDateTime(year: 2021, month: 2, day: 9, hour: 23, minute: 59, second: 7))
        #expect(at.description == "2021-02-09T23:59:07" && CivilDateTime(at.description) == at)
        #expect(CivilDateTime(at.components) == at)
        #expect(try JSONEncoder().encode([at]) == Data(#"["2021-02-09T23:59:07"]"#.utf8))
        for text in ["2021-02-09", "2021-02-09 23:59:07", "2021-02-09T24:00:00", "2021-02-09T23:60:00", "2021-02-09T23:59:60"] {
            #expect(CivilDateTime(text) == nil, "\(text)")
        }
    }

    @Test func theEarlierIsTheSmaller() throws {
        let texts = ["2020-12-31T23:59:59", "2021-01-01T00:00:00", "2021-01-01T00:00:01", "2021-01-01T00:01:00", "2021-01-01T01:00:00", "2021-02-01T00:00:00"]
        let all = texts.compactMap { CivilDateTime($0) }
        #expect(all.count == texts.count && all.shuffled().sorted() == all)
        #expect(all.map(\.date).sorted() == all.map(\.date))
    }

    @Test func bothFormsOfTheServiceAreRead() {
        let at = CivilDateTime(year: 2021, month: 2, day: 9, hour: 23, minute: 59)
        #expect(civilDateTime(text: "2/9/2021 11:59:00 PM") == at && civilDateTime(text: "2021-02-09 23:59:00.900") == at)
        #expect(civilDateTime(text: "9.2.2021") == nil)
        // The library pads years too.
        #expect(civilDateTime(text: "0001-01-01 00:00:00.000") == CivilDateTime(year: 1, month: 1, day: 1))
    }

    @Test func whatIsWrittenIsReadAsWhatItMeans() async throws {
        let tablet = try await Tablet.alone()
        let at = try #require(CivilDateTime(year: 2021, month: 2, day: 9, hour: 23, minute: 59, second: 7))
        let day = try #require(CivilDate("2024-02-29"))
        let changes: [FieldChange] = [
            .at(field: .registeredAt, at: at), .day(field: .promotion1, day: day), .number(field: .age, number: 26),
            .flag(field: .oldCustomer, yes: false),
        ]
        let id = try await tablet.book.add(fields: person("Sok") + changes).id
        let prospect = try await tablet.book.get(id: id)
        #expect(prospect.date(.registeredAt) == at && prospect.day(.promotion1) == day && prospect.day(.registeredAt) == at.date)
        #expect(prospect.number(.age) == 26 && prospect.flag(.oldCustomer) == false && prospect.text(.nameEn) == "Sok")
        #expect(prospect.text(.village) == "" && prospect.date(.expectOnBoard) == nil && prospect.flag(.age) == nil)
        #expect(prospect.number(.nameEn) == nil && prospect.createdAt == prospect.date(.createdAt) && prospect.createdAt != nil)
    }

    @Test func everyFieldOfTheTestsIsOne() {
        #expect(wire.keys.allSatisfy { fieldByName(name: $0).map { fieldName(field: $0) } == $0 } && wire.count == 22)
    }

    @Test func anAmountIsExactOrNone() throws {
        #expect(try "-1250.50".toDecimal() == Decimal(sign: .minus, exponent: -2, significand: 125050))
        #expect(try "0".toDecimal() == 0 && "007".toDecimal() == 7)
        let long = String(repeating: "9", count: 38)
        #expect(try long.toDecimal().description == long)
        for text in ["", "-", ".", "1.", ".5", "1.2.3", "1,5", "1e5", "+1", " 1", "1 ", "NaN", "១២", "--1", long + "9"] {
            #expect(throws: SatchelError.self, "\(text)") { try text.toDecimal() }
        }
    }
}
