import Foundation

/// The amount that the library gives as a text, exactly. It goes back as `Decimal.description`: no exponent, and a point
/// whatever the tablet's language. What the library gives is always valid: this never throws.
func amount(lifting text: String) throws -> Decimal {
    guard let value = try? text.toDecimal() else { throw SatchelError.Internal(place: "amount", id: 0) }
    return value
}
