import Foundation

/// A prospect's values as what they mean. `fields` has them as texts.
extension Prospect {
    /// The text of a field; empty when there is none.
    public func text(_ field: Field) -> String { fields[field] ?? "" }

    /// The whole number of a field; nothing when it has none.
    public func number(_ field: Field) -> Int64? { fields[field].flatMap { Int64($0) } }

    /// Yes or no; nothing when the field holds neither.
    public func flag(_ field: Field) -> Bool? {
        switch fields[field] {
        case "1": true
        case "0": false
        default: nil
        }
    }

    /// The civil date-time of a field; nothing when it has none.
    public func date(_ field: Field) -> CivilDateTime? { fields[field].flatMap { civilDateTime(text: $0) } }

    /// The day of a field; nothing when it has none.
    public func day(_ field: Field) -> CivilDate? { date(field)?.date }
}

extension String {
    /// The exact number that an amount's text says, such as `-1250.50`: digits, with a point if anything, whatever the
    /// tablet's language.
    ///
    /// Throws `InvalidInput` in `amount` for anything else, and for more digits than a `Decimal` keeps: it never rounds.
    public func toDecimal() throws -> Decimal {
        let unsigned = hasPrefix("-") ? dropFirst() : self[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts.joined()
        guard
            parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }), digits.utf8.count <= 38,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let value = Decimal(string: self, locale: Locale(identifier: "en_US_POSIX"))
        else {
            throw SatchelError.InvalidInput(field: "amount", problem: .form, expected: "an amount such as 1250.50")
        }
        return value
    }
}
