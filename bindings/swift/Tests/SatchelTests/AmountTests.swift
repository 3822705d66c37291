import Foundation
import Testing

@testable import Satchel

@Suite struct AmountTests {
    /// What comes of the library, and what goes back to it: a `Decimal` drops zeros behind the point, and nothing else.
    @Test(arguments: [
        ("29949000.00", "29949000"), ("999999999999999999.9999", "999999999999999999.9999"), ("0.10", "0.1"), ("0", "0"),
        ("-999999999999999999.9999", "-999999999999999999.9999"), ("0.0001", "0.0001"), ("100000000000000000", "100000000000000000"),
        ("-0.05", "-0.05"), ("1445252000", "1445252000"),
    ])
    func anAmountIsExactBothWays(text: String, back: String) throws {
        let value = try amount(lifting: text)
        #expect(value.description == back)
        #expect(try amount(lifting: value.description) == value)
        // No exponent, no grouping, a point: whatever the tablet's language.
        #expect(value.description.allSatisfy { "-.0123456789".contains($0) })
    }

    @Test func sumsAreExact() throws {
        let tenths = try Array(repeating: "0.10", count: 3).map(amount(lifting:))
        #expect(try tenths.reduce(0, +) == amount(lifting: "0.30"))
        let most = try amount(lifting: "999999999999999999.9999")
        #expect((0..<100_000).reduce(Decimal(0)) { sum, _ in sum + most } == most * 100_000)
    }

    @Test(arguments: ["", "-", "1e9", "1,000.00", "1 000", "+1", ".5", "1.", "NaN", "១២", "0x10", String(repeating: "9", count: 39)])
    func whatIsNoAmountIsAnErrorAndNoCrash(text: String) {
        #expect(throws: SatchelError.Internal(place: "amount", id: 0)) { try amount(lifting: text) }
    }
}
